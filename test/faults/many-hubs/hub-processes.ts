import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { HubClient, type RunningProcess, startProcess } from '../../real/control-side/index.ts';
import { freePorts } from '../../real/free-ports.ts';
import { rootFolder } from '../../tools/index.ts';
import { FrontDoor } from './front-door.ts';

/** Where the load balancer listens; agents know no other address. */
const frontHost = '127.0.0.9';
/** Addresses of the hubs, all on the same ports. */
const hosts = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];

/** A hub that was killed answers again within this, or nobody waits for it. */
const startedWithinMs = 30_000;

/** What hub processes are started with. */
export interface HubProcessesOptions {
  readonly folder: string;
  readonly identityDir: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Three hub processes of one fleet behind one address. */
export class HubProcesses implements AsyncDisposable {
  readonly clients: readonly HubClient[];
  readonly #options: HubProcessesOptions;
  readonly #ports: {
    readonly agents: number;
    readonly enrol: number;
    readonly http: readonly number[];
    readonly health: readonly number[];
  };
  readonly #running: (RunningProcess | undefined)[] = [];
  /** How often one ended by itself, which nothing here is a reason for. */
  ownEnds = 0;
  readonly #doors: FrontDoor[] = [];

  private constructor(options: HubProcessesOptions, ports: readonly number[]) {
    this.#options = options;
    const [agents = 0, enrol = 0] = ports;
    this.#ports = { agents, enrol, http: ports.slice(2, 5), health: ports.slice(5, 8) };
    this.clients = this.#ports.http.map(
      (port, index) => new HubClient(`http://127.0.0.1:${port}`, join(this.#dataDir(index), 'admin-token')),
    );
  }

  static async start(options: HubProcessesOptions): Promise<HubProcesses> {
    await mkdir(join(options.folder, 'logs'), { recursive: true });
    const hubs = new HubProcesses(options, await freePorts(8));
    for (const port of [hubs.#ports.agents, hubs.#ports.enrol]) {
      hubs.#doors.push(await FrontDoor.open({ host: frontHost, port }, hosts));
    }
    for (const index of hosts.keys()) hubs.restart(index);
    return hubs;
  }

  /** A client of a process that answers; undefined = none does. */
  async anyClient(): Promise<HubClient | undefined> {
    for (const client of this.clients) if (await client.isUp()) return client;
    return undefined;
  }

  /** Waits, but not for ever, until one of these answers. */
  async untilUp(indices: readonly number[]): Promise<void> {
    const untilMs = performance.now() + startedWithinMs;
    while (performance.now() < untilMs) {
      const answers = await Promise.all(indices.map((index) => this.clients[index]?.isUp()));
      if (answers.includes(true)) return;
      await pause(200);
    }
  }

  /** What each process counts, for people. */
  async metrics(): Promise<readonly string[]> {
    const wanted =
      /^flotilla_hub_(streams|clusters|reports_total|reports_relayed_total|bus_connected|peers|looks)\b/;
    return await Promise.all(
      this.#ports.health.map(async (port, index) => {
        const text = await fetch(`http://127.0.0.1:${port}/metrics`).then((one) => one.text(), String);
        const lines = text.split('\n').filter((line) => wanted.test(line));
        return `hub ${index + 1}: ${lines.join(', ')}`;
      }),
    );
  }

  /** kill -9. */
  async kill(index: number): Promise<void> {
    const running = this.#running[index];
    this.#running[index] = undefined;
    await running?.kill();
  }

  restart(index: number): void {
    const { folder, identityDir, settings } = this.#options;
    const host = hosts[index] ?? '';
    const values = {
      'data-dir': this.#dataDir(index),
      'identity-dir': identityDir,
      'http-address': `127.0.0.1:${this.#ports.http[index]}`,
      'agents-address': `${host}:${this.#ports.agents}`,
      'enrol-address': `${host}:${this.#ports.enrol}`,
      'health-address': `127.0.0.1:${this.#ports.health[index]}`,
      'advertise-hosts': frontHost,
      'log-format': 'json',
      ...settings,
    };
    const running = startProcess({
      name: `hub ${index + 1}`,
      args: [
        join(rootFolder, 'hub/src/main.ts'),
        'serve',
        ...Object.entries(values).map(([name, value]) => `--${name}=${value}`),
      ],
      env: { XDG_CONFIG_HOME: join(folder, 'config') },
      logFile: join(folder, 'logs', `hub-${index + 1}.log`),
    });
    this.#running[index] = running;
    // As whatever supervises it would: it is started again.
    void running.exited.then(() => {
      if (this.#running[index] !== running) return;
      this.ownEnds += 1;
      this.restart(index);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running.splice(0).map((one) => one?.stop()));
    for (const door of this.#doors) await door[Symbol.asyncDispose]();
  }

  #dataDir(index: number): string {
    return join(this.#options.folder, `hub-${index + 1}`);
  }
}
