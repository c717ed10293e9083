import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Child, startChild } from '@flotilla/shared/kit';
import { freePorts } from '../../real/free-ports.ts';
import { findTool, rootFolder } from '../../tools/index.ts';

const run = promisify(execFile);

/** Three NATS servers as one bus, with the configuration that `flotilla-hub nats-config` prints. */
export class BusCluster implements AsyncDisposable {
  readonly urls: readonly string[];
  readonly #program: string;
  readonly #folders: readonly string[];
  readonly #children: (Child | undefined)[] = [];

  private constructor(parts: {
    readonly program: string;
    readonly folders: readonly string[];
    readonly urls: readonly string[];
  }) {
    this.#program = parts.program;
    this.#folders = parts.folders;
    this.urls = parts.urls;
  }

  /** Makes the fleet's keys in the hub's data folder, a folder for each server, and starts them. */
  static async start(folder: string, dataDir: string): Promise<BusCluster> {
    const { path: program } = await findTool('nats-server');
    const clients = await freePorts(3);
    const routes = await freePorts(3);
    const folders = clients.map((_, index) => join(folder, `bus-${index + 1}`));
    for (const [index, port] of clients.entries()) {
      const text = await configText(dataDir, port);
      await mkdir(folders[index] ?? '', { recursive: true });
      await writeFile(join(folders[index] ?? '', 'nats.conf'), `${text}\n${clusterText(index, routes)}`);
    }
    const cluster = new BusCluster({
      program,
      folders,
      urls: clients.map((port) => `tls://127.0.0.1:${port}`),
    });
    await Promise.all(folders.map((_, index) => cluster.restart(index)));
    return cluster;
  }

  /** kill -9 of one server. */
  async kill(index: number): Promise<void> {
    const child = this.#children[index];
    if (child === undefined) return;
    process.kill(child.pid, 'SIGKILL');
    await child.exited;
    this.#children[index] = undefined;
  }

  /** Starts a server on its old port and store. */
  async restart(index: number): Promise<void> {
    const cwd = this.#folders[index] ?? '';
    const args = ['-c', join(cwd, 'nats.conf'), '-l', join(cwd, 'nats.log')];
    this.#children[index] = await startChild({ program: this.#program, args, env: {}, cwd, graceMs: 10_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map((child) => child?.stop()));
  }
}

async function configText(dataDir: string, port: number): Promise<string> {
  const hub = join(rootFolder, 'hub/src/main.ts');
  const args = [
    ...['--data-dir', dataDir, '--control-url', 'https://git.example.org/fleet.git'],
    ...['--advertise-hosts', '127.0.0.1', '--nats-address', `127.0.0.1:${port}`],
  ];
  return (await run(process.execPath, [hub, 'nats-config', ...args])).stdout;
}

/** What deploy/nats/cluster.conf says, with addresses of this machine; the name goes over the one of a single server. */
function clusterText(index: number, routes: readonly number[]): string {
  const others = routes.filter((_, other) => other !== index).map((port) => `"nats://127.0.0.1:${port}"`);
  return [
    `server_name: "bus-${index + 1}"`,
    `cluster { name: flotilla, listen: "127.0.0.1:${routes[index]}", no_advertise: true, routes: [${others.join(', ')}] }`,
    '',
  ].join('\n');
}
