import { parseArgs } from 'node:util';
import { startGitServer } from './git-server.ts';

const usage = `usage: node main.ts --root DIR [--port N] [--private NAME=USER:PASSWORD]...

Serves the bare repositories (NAME.git) in DIR over smart HTTP on loopback, and prints one line of JSON with its url.
  --root DIR       folder of bare repositories
  --port N         port; default 0, any free one
  --private NAME=USER:PASSWORD
                   asks for a credential for one repository; USER "token" takes PASSWORD as a token
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      root: { type: 'string' },
      port: { type: 'string', default: '0' },
      private: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || values.root === undefined || !/^[0-9]{1,5}$/.test(values.port)) {
    process.stderr.write(usage);
    process.exit(values.help ? 0 : 2);
  }
  const credentials = Object.fromEntries(values.private.map((text) => splitOnce(text, '=')));
  const server = await startGitServer({ root: values.root, port: Number(values.port), credentials });
  process.stdout.write(`${JSON.stringify({ url: server.url, pid: process.pid })}\n`);
  let isStopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      void server.close().then(() => process.exit(0));
    });
  }
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

await main();
