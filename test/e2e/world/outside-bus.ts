import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Child, startChild } from '@flotilla/shared/kit';
import { freePorts } from '../../real/free-ports.ts';
import { findTool, rootFolder } from '../../tools/index.ts';

const run = promisify(execFile);

/** A NATS server that people run beside the hub, with the configuration that `flotilla-hub nats-config` prints. */
export class OutsideBus implements AsyncDisposable {
  /** Settings of the hub that uses it. */
  readonly hubSettings: Readonly<Record<string, string | undefined>>;
  readonly port: number;
  readonly #program: string;
  readonly #config: string;
  readonly #folder: string;
  #child: Child | undefined;

  private constructor(parts: { readonly program: string; readonly folder: string; readonly port: number }) {
    this.port = parts.port;
    this.#program = parts.program;
    this.#folder = parts.folder;
    this.#config = join(parts.folder, 'nats.conf');
    this.hubSettings = {
      'nats-urls': `tls://127.0.0.1:${parts.port}`,
      'nats-server': undefined,
      'nats-address': undefined,
    };
  }

  /** Makes the configuration for a control side that will live in the folder, and starts the server. */
  static async start(folder: string): Promise<OutsideBus> {
    const { path: program } = await findTool('nats-server');
    const [port = 0] = await freePorts(1);
    const bus = new OutsideBus({ program, folder, port });
    const hub = join(rootFolder, 'hub/src/main.ts');
    const args = [
      ...['--data-dir', join(folder, 'hub'), '--control-url', 'https://git.example.org/fleet.git'],
      ...['--advertise-hosts', '127.0.0.1', '--nats-address', `127.0.0.1:${port}`],
    ];
    const { stdout } = await run(process.execPath, [hub, 'nats-config', ...args]);
    await writeFile(bus.#config, stdout);
    await bus.restart();
    return bus;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    if (this.#child === undefined) return;
    process.kill(this.#child.pid, 'SIGKILL');
    await this.#child.exited;
    this.#child = undefined;
  }

  /** Starts it again on its old address and store. */
  async restart(): Promise<void> {
    this.#child = await startChild({
      program: this.#program,
      args: ['-c', this.#config],
      env: {},
      cwd: this.#folder,
      graceMs: 10_000,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child?.stop();
  }
}
