import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  connectHubBus,
  controlRepositoryName,
  createAsker,
  type HubClient,
  seedRepository,
  startProcess,
  Workshop,
  writeSeed,
} from '../../real/control-side/index.ts';
import { freePorts } from '../../real/free-ports.ts';
import { waitFor } from '../../real/waiting.ts';
import { rootFolder } from '../../tools/index.ts';
import type { AgentsQuestion } from './agents.ts';
import { BusCluster } from './bus-cluster.ts';
import { HubProcesses } from './hub-processes.ts';
import { judgeLog, readRawLog } from './raw-log.ts';
import type { ReportingAgentSettings } from './reporting-agent.ts';
import { changingPercent, placements, seedFiles, settings } from './seed.ts';

const minuteMs = 60_000;
const agentProcesses = 4;
/** In place of five minutes: agents of a busy machine need most of it to say how they are. */
const offlineGraceS = 90;

/** Everything of the scenario. */
export class Fleet {
  readonly bus: BusCluster;
  readonly hubs: HubProcesses;
  readonly #folder: string;
  readonly #workshop: Workshop;
  readonly #askers: ReturnType<typeof createAsker>[] = [];

  private constructor(
    folder: string,
    parts: { readonly bus: BusCluster; readonly hubs: HubProcesses; readonly workshop: Workshop },
  ) {
    this.#folder = folder;
    this.bus = parts.bus;
    this.hubs = parts.hubs;
    this.#workshop = parts.workshop;
  }

  static async start(folder: string, stack: AsyncDisposableStack): Promise<Fleet> {
    const first = join(folder, 'hub-1');
    const bus = stack.use(await BusCluster.start(folder, first));
    const gitRoot = join(folder, 'git');
    await seedRepository(gitRoot, await writeSeed(folder, seedFiles()));
    await mkdir(join(folder, 'logs'), { recursive: true });
    const [gitPort = 0] = await freePorts(1);
    const git = startProcess({
      name: 'git server',
      args: [join(rootFolder, 'test/real/git-server/main.ts'), '--root', gitRoot, '--port', String(gitPort)],
      logFile: join(folder, 'logs', 'git.log'),
    });
    stack.defer(() => git.stop());
    await git.firstLine;
    const controlUrl = `http://127.0.0.1:${gitPort}/${controlRepositoryName}.git`;
    const hubs = stack.use(
      await HubProcesses.start({
        folder,
        identityDir: join(first, 'identity'),
        settings: {
          'control-url': controlUrl,
          'plain-http-hosts': '127.0.0.1',
          'poll-interval': '2s',
          'nats-urls': bus.urls.join(','),
          'nats-replicas': '3',
          'offline-grace': `${offlineGraceS}s`,
          'start-grace': `${offlineGraceS}s`,
        },
      }),
    );
    const workshop = await Workshop.open(controlUrl, folder);
    await waitFor('an answering hub', () => hubs.anyClient(), { withinMs: 2 * minuteMs, everyMs: 200 });
    return new Fleet(folder, { bus, hubs, workshop });
  }

  /** A commit that changes every placement. */
  async push(what: string): Promise<void> {
    const files = placements.map((name) => [`apps/${name}/settings.yaml`, settings(name, what)] as const);
    await this.#workshop.push(Object.fromEntries(files), what);
  }

  async startAgents(count: number, stack: AsyncDisposableStack): Promise<void> {
    const agents: ReportingAgentSettings[] = [];
    for (let index = 0; index < count; index += 1) {
      const name = `sim-${String(index).padStart(3, '0')}`;
      const joinLine = await (await this.#client()).joinLine(name, { env: 'sim' });
      agents.push({ name, folder: join(this.#folder, 'agents', name), joinLine });
    }
    const shares = Array.from({ length: agentProcesses }, (_, process) =>
      agents.filter((__, index) => index % agentProcesses === process),
    );
    for (const index of shares.keys()) {
      const running = startProcess({
        name: `agents ${index + 1}`,
        args: [join(rootFolder, 'test/faults/many-hubs/agents.ts')],
        logFile: join(this.#folder, 'logs', `agents-${index + 1}.log`),
      });
      stack.defer(() => running.stop());
      this.#askers.push(createAsker(running.child));
    }
    await Promise.all(this.#askers.map((ask, index) => ask({ do: 'start', agents: shares[index] ?? [] })));
    const connected = async () =>
      (await this.#ask({ do: 'connected' })).reduce((sum, one) => sum + Number(one), 0);
    const all = async () => ((await connected()) === count ? true : undefined);
    await waitFor('all streams', all, { withinMs: 3 * minuteMs, everyMs: 500 });
  }

  /** Every placement runs its newest commit everywhere, and no rollout is under way. */
  async untilSettled(withinMs: number): Promise<void> {
    const isSettled = async () => {
      const client = await this.hubs.anyClient();
      const items = await client?.list('placements').catch(() => undefined);
      const head = (await this.#workshop.clone.git(['rev-parse', 'main'])).toString().trim();
      const commit = (await client?.status().catch(() => undefined))?.status.control.commit?.id;
      const isDone = items?.every(({ status }) => status.state === 'Ready' && status.rollout === undefined);
      return items?.length === placements.length && isDone && commit === head ? true : undefined;
    };
    try {
      await waitFor('a settled fleet', isSettled, { withinMs, everyMs: 1_000 });
    } catch (cause) {
      throw new Error(`the fleet does not settle: ${await this.#why()}; its logs are in ${this.#folder}`, {
        cause,
      });
    }
  }

  /** What people would be told of a fleet that does not come to rest. */
  async #why(): Promise<string> {
    const items = await (await this.#client()).list('placements');
    const counted = [...(await this.hubs.metrics()), ...(await this.#ask({ do: 'count' }))];
    const placements = items
      .map(({ metadata, status }) => {
        const { counts, reason, rollout, state } = status;
        return JSON.stringify({ placement: metadata.name, state, reason: reason?.text, rollout, counts });
      })
      .join(', ');
    return `${placements}; ${counted.join('; ')}`;
  }

  /** Some cluster is on its way. */
  async untilRolling(withinMs: number): Promise<void> {
    const isRolling = async () => {
      const items = await (await this.#client()).list('rollouts');
      return items.some(({ status }) => status.state === 'Progressing') ? true : undefined;
    };
    await waitFor('a rollout', isRolling, { withinMs, everyMs: 100 });
  }

  /** The log as the servers have it, judged without the hub. */
  async judge(clusters: number) {
    const port = Number(new URL(this.bus.urls[0] ?? '').port);
    const onlooker = await connectHubBus({ dataDir: join(this.#folder, 'hub-1'), busPort: port }, 'hub');
    try {
      return judgeLog(await readRawLog(onlooker), Math.floor((clusters * changingPercent) / 100));
    } finally {
      await onlooker[Symbol.asyncDispose]();
    }
  }

  async #ask(question: AgentsQuestion): Promise<readonly string[]> {
    return (await Promise.all(this.#askers.map((ask) => ask(question)))).map(String);
  }

  async #client(): Promise<HubClient> {
    return await waitFor('an answering hub', () => this.hubs.anyClient(), {
      withinMs: minuteMs,
      everyMs: 200,
    });
  }
}
