import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Child, startChild } from '@flotilla/shared/kit';
import { findTool } from '../../tools/index.ts';

const run = promisify(execFile);

/** What a test may ask of its server. */
export interface NatsServerOptions {
  /** Lines of nats-server configuration, added at the end. */
  readonly config?: string;
  /** Host in the URL; the certificate of a TLS server must name it. */
  readonly host?: string;
}

/** A running nats-server of one test. Disposing it stops it and removes its folder. */
export interface NatsServer extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  /** kill -9. */
  kill(): Promise<void>;
  /** Starts it again on the same port and store after kill(). Other configuration lines may take effect. */
  start(config?: string): Promise<void>;
  /** Freezes it, so that connections stay open and nothing answers; resolves once it stands still. */
  freeze(): Promise<void>;
  /** Undoes freeze. */
  thaw(): void;
  /** Deletes the JetStream store; only while it is not running. */
  loseStore(): Promise<void>;
  /** Deletes one stream from the store, as a lost disk of its leader does; only while it is not running. */
  loseStream(name: string): Promise<void>;
  /** Copies the JetStream store aside; only while it is not running. */
  saveStore(): Promise<void>;
  /** Puts the saved store in place of the present one; only while it is not running. */
  restoreStore(): Promise<void>;
}

const startMs = 20_000;

/** Starts a server with JetStream that syncs every write to disk. Rejects with its last lines when it does not come up. */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const tool = await findTool('nats-server');
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-nats-'));
  const store = join(folder, 'store');
  const host = options.host ?? '127.0.0.1';
  let extra = options.config ?? '';
  let port = -1;
  let child: Child | undefined;

  async function start(config = extra): Promise<void> {
    extra = config;
    const path = join(folder, 'nats.conf');
    await writeFile(path, configText(folder, { host, port, extra }));
    const started = await startChild({ program: tool.path, args: ['-c', path], env: {}, graceMs: 10_000 });
    child = started;
    endWithUs(started);
    port = await readPort(folder, started);
  }

  async function kill(): Promise<void> {
    if (child === undefined) return;
    process.kill(child.pid, 'SIGKILL');
    await child.exited;
    child = undefined;
    await removePortsFiles(folder);
  }

  await start();
  return {
    folder,
    get url() {
      return `nats://${host}:${port}`;
    },
    kill,
    start,
    async freeze() {
      if (child !== undefined) await freeze(child.pid);
    },
    thaw: () => child && process.kill(child.pid, 'SIGCONT'),
    loseStore: () => rm(store, { recursive: true }),
    async loseStream(name) {
      const paths = await readdir(store, { recursive: true });
      const path = paths.find((one) => one.endsWith(join('streams', name)));
      if (path === undefined) throw new Error(`there is no stream ${name}`);
      await rm(join(store, path), { recursive: true });
    },
    saveStore: () => cp(store, `${store}.saved`, { recursive: true }),
    async restoreStore() {
      await rm(store, { recursive: true });
      await rename(`${store}.saved`, store);
    },
    async [Symbol.asyncDispose]() {
      if (child !== undefined) {
        process.kill(child.pid, 'SIGCONT');
        await child.stop();
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A test process may be killed while its server runs: a shell waits for the end of a pipe that only this process holds,
 * and ends the server then.
 */
function endWithUs(child: Child): void {
  const waiter = spawn('sh', ['-c', `cat >/dev/null; kill -9 ${child.pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  waiter.unref();
  void child.exited.then(() => waiter.kill('SIGKILL'));
}

async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  const state = async () => (await run('ps', ['-o', 'state=', '-p', String(pid)])).stdout;
  for (let tries = 0; !(await state()).startsWith('T'); tries += 1) {
    if (tries === 1_000) throw new Error('nats-server does not stop');
  }
}

interface ConfigValues {
  readonly host: string;
  readonly port: number;
  readonly extra: string;
}

function configText(folder: string, { host, port, extra }: ConfigValues): string {
  return [
    `listen: "${host}:${port}"`,
    'server_name: test',
    `ports_file_dir: "${folder}"`,
    `jetstream { store_dir: "${join(folder, 'store')}", sync_interval: always }`,
    extra,
    '',
  ].join('\n');
}

/** The ports file appears when the server listens. */
async function readPort(folder: string, child: Child): Promise<number> {
  let exit: Awaited<typeof child.exited> | undefined;
  void child.exited.then((one) => {
    exit = one;
  });
  for (const endMs = performance.now() + startMs; performance.now() < endMs; await delay(10)) {
    if (exit !== undefined) throw new Error(`nats-server ended: ${exit.lastLines.join('\n')}`);
    const name = (await readdir(folder)).find((one) => one.endsWith(`_${child.pid}.ports`));
    const text = name === undefined ? '' : await readFile(join(folder, name), 'utf8');
    const port = /:(\d+)"/.exec(text)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`nats-server did not listen within ${startMs} ms`);
}

async function removePortsFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (name.endsWith('.ports')) await rm(join(folder, name));
}
