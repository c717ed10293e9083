import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../tools/index.ts';

/** Where the running demo says how it is reached. */
function pointerFile(): string {
  return join(cacheFolder(), 'demo.json');
}

/** Serves acts to a second terminal over a socket that only this user can open. */
export async function serveActs(
  folder: string,
  run: (act: string, words: readonly string[], say: (line: string) => void) => Promise<void>,
): Promise<{ close(): Promise<void> }> {
  const socket = join(folder, 'acts.sock');
  const server: Server = createServer((incoming, response) => {
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    readBody(incoming)
      .then(async (body) => {
        // Our own client wrote it.
        const { act, words } = JSON.parse(body) as {
          readonly act: string;
          readonly words: readonly string[];
        };
        await run(act, words, (line) => response.write(`${line}\n`));
        response.end();
      })
      .catch((error: unknown) =>
        response.end(`failed: ${error instanceof Error ? error.message : String(error)}\n`),
      );
  });
  await new Promise<void>((resolve) => server.listen(socket, () => resolve()));
  await mkdir(dirname(pointerFile()), { recursive: true });
  await writeFile(pointerFile(), JSON.stringify({ socket, pid: process.pid }), { mode: 0o600 });
  return {
    async close() {
      await rm(pointerFile(), { force: true });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Calls an act of the running demo and prints what it says. Resolves with the exit code. */
export async function callAct(act: string, words: readonly string[]): Promise<number> {
  const socket = await runningSocket();
  if (socket === undefined) {
    process.stderr.write('no demo is running; start one with: npm run demo\n');
    return 1;
  }
  return await new Promise<number>((resolve) => {
    const call = request({ socketPath: socket, method: 'POST', path: '/' }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        process.stdout.write(chunk);
      });
      response.on('end', () => resolve(text.includes('failed: ') ? 1 : 0));
    });
    call.on('error', (error) => {
      process.stderr.write(`the demo does not answer: ${error.message}\n`);
      resolve(1);
    });
    call.end(JSON.stringify({ act, words }));
  });
}

async function runningSocket(): Promise<string | undefined> {
  try {
    // serveActs wrote it.
    const { pid, socket } = JSON.parse(await readFile(pointerFile(), 'utf8')) as {
      pid: number;
      socket: string;
    };
    process.kill(pid, 0);
    return socket;
  } catch {
    return undefined;
  }
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of incoming) body += String(chunk);
  return body;
}
