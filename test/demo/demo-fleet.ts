import { randomBytes } from 'node:crypto';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findTool, rootFolder } from '../tools/index.ts';
import { createAsker, type RunningProcess, startProcess } from './children.ts';
import type { DemoCluster } from './cluster-list.ts';
import type { ClusterQuestion, ClusterWrites } from './clusters/questions.ts';
import { HubClient } from './hub-client.ts';
import { freePorts, hubArguments, installHook } from './hub-settings.ts';
import { controlRepositoryName, seedRepository, Workshop } from './repository.ts';

/** Where the demo's parts are and how they are reached. */
export interface DemoFleetOptions {
  readonly folder: string;
  readonly clusters: readonly DemoCluster[];
  readonly say: (line: string) => void;
}

const demoFolder = join(rootFolder, 'test/demo');

/** Git server, hub with its bus, and simulated clusters: each a process of its own. */
export class DemoFleet implements AsyncDisposable {
  readonly folder: string;
  readonly clusters: readonly DemoCluster[];
  readonly hub: HubClient;
  readonly workshop: Workshop;
  readonly gitUrl: string;
  readonly hubDataDir: string;
  readonly busPort: number;
  #hubProcess: RunningProcess;
  readonly #gitProcess: RunningProcess;
  readonly #clusterProcess: RunningProcess;
  readonly #ask: (question: object) => Promise<unknown>;
  readonly #startHub: () => RunningProcess;

  private constructor(parts: DemoParts) {
    this.folder = parts.options.folder;
    this.clusters = parts.options.clusters;
    this.hub = parts.hub;
    this.workshop = parts.workshop;
    this.gitUrl = parts.gitUrl;
    this.hubDataDir = parts.hubDataDir;
    this.busPort = parts.busPort;
    this.#hubProcess = parts.hubProcess;
    this.#gitProcess = parts.gitProcess;
    this.#clusterProcess = parts.clusterProcess;
    this.#ask = createAsker(parts.clusterProcess.child);
    this.#startHub = parts.startHub;
  }

  /** Starts everything and joins every cluster; resolves when all agents run. */
  static async start(options: DemoFleetOptions): Promise<DemoFleet> {
    const parts = await startParts(options);
    const fleet = new DemoFleet(parts);
    options.say('hub, bus and Git server are up; clusters join');
    try {
      await fleet.#join();
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
    return fleet;
  }

  async #join(): Promise<void> {
    const joining = [];
    for (const { labels, name } of this.clusters) {
      joining.push({ name, joinLine: await this.hub.joinLine(name, labels) });
    }
    await this.askClusters({ do: 'start', clusters: joining });
  }

  /** Asks the clusters' process. */
  async askClusters(question: ClusterQuestion): Promise<unknown> {
    return await this.#ask(question);
  }

  /** Writes of each cluster's agent since the mark. */
  async writes(namespace?: string): Promise<readonly ClusterWrites[]> {
    const question =
      namespace === undefined ? { do: 'writes' as const } : { do: 'writes' as const, namespace };
    // The clusters' process answers in its documented shape.
    return (await this.askClusters(question)) as readonly ClusterWrites[];
  }

  /** Kills the hub as a power cut would; its bus goes with it. */
  async killHub(): Promise<void> {
    await this.#hubProcess.kill();
  }

  async restartHub(): Promise<void> {
    this.#hubProcess = this.#startHub();
    await untilUp(this.hub, this.#hubProcess);
  }

  /** Process ids of the demo's own processes. */
  get pids(): readonly (number | undefined)[] {
    return [this.#hubProcess, this.#gitProcess, this.#clusterProcess].map(({ child }) => child.pid);
  }

  /** Fetches that the Git server answered for the control repository. */
  async gitFetches(): Promise<number> {
    const response = await fetch(`${this.gitUrl}/_stats`);
    // The Git server of the tests answers in its documented shape.
    const stats = (await response.json()) as Record<string, { readonly fetch?: number }>;
    return stats[`${controlRepositoryName}.git`]?.fetch ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#clusterProcess.stop(), this.#hubProcess.stop()]);
    await this.#gitProcess.stop();
  }
}

interface DemoParts {
  readonly options: DemoFleetOptions;
  readonly hub: HubClient;
  readonly workshop: Workshop;
  readonly gitUrl: string;
  readonly hubDataDir: string;
  readonly busPort: number;
  readonly hubProcess: RunningProcess;
  readonly gitProcess: RunningProcess;
  readonly clusterProcess: RunningProcess;
  readonly startHub: () => RunningProcess;
}

/** Starts everything; what was started before something failed is ended again. */
async function startParts(options: DemoFleetOptions): Promise<DemoParts> {
  await using started = new AsyncDisposableStack();
  const parts = await startEach(options, (process) => {
    started.defer(() => process.stop());
    return process;
  });
  started.move();
  return parts;
}

async function startEach(
  options: DemoFleetOptions,
  note: (process: RunningProcess) => RunningProcess,
): Promise<DemoParts> {
  const { folder, say } = options;
  const logs = join(folder, 'logs');
  await mkdir(logs, { recursive: true });
  const [nats, kustomize] = await Promise.all([
    findTool('nats-server', { say }),
    findTool('kustomize', { say }),
  ]);
  const gitRoot = join(folder, 'git');
  await seedOnce(gitRoot);
  const gitProcess = note(
    startProcess({
      name: 'git server',
      args: [join(rootFolder, 'test/real/git-server/main.ts'), '--root', gitRoot],
      logFile: join(logs, 'git.log'),
    }),
  );
  const clusterProcess = note(
    startProcess({
      name: 'clusters',
      args: [
        join(demoFolder, 'clusters/main.ts'),
        '--folder',
        join(folder, 'agents'),
        '--kustomize',
        kustomize.path,
      ],
      logFile: join(logs, 'agents.log'),
    }),
  );
  const { url: gitUrl } = JSON.parse(await gitProcess.firstLine) as { readonly url: string };
  const ports = await freePorts(6);
  const secretFile = join(folder, 'webhook-secret');
  await writeFile(secretFile, randomBytes(24).toString('hex'), { mode: 0o600 });
  await installHook(gitRoot, { secretFile, port: ports[5] ?? 0 });
  const hubDataDir = join(folder, 'hub');
  const startHub = () =>
    startProcess({
      name: 'hub',
      args: [
        join(rootFolder, 'hub/src/main.ts'),
        'serve',
        ...hubArguments({ hubDataDir, gitUrl, ports, secretFile, natsPath: nats.path }),
      ],
      // A demo that is gone must not be what the user's command line finds.
      env: { XDG_CONFIG_HOME: join(folder, 'config') },
      logFile: join(logs, 'hub.log'),
    });
  const hubProcess = note(startHub());
  const hub = new HubClient(`http://127.0.0.1:${ports[0]}`, join(hubDataDir, 'admin-token'));
  await untilUp(hub, hubProcess);
  const workshop = await Workshop.open(`${gitUrl}/${controlRepositoryName}.git`, await freshFolder(folder));
  return {
    options,
    hub,
    workshop,
    gitUrl,
    hubDataDir,
    busPort: ports[4] ?? 0,
    hubProcess,
    gitProcess,
    clusterProcess,
    startHub,
  };
}

async function untilUp(hub: HubClient, process: RunningProcess): Promise<void> {
  let ended: number | string | undefined;
  void process.exited.then((code) => {
    ended = code;
  });
  for (let waitedMs = 0; waitedMs < 30_000; waitedMs += 50) {
    if (await hub.isUp()) return;
    if (ended !== undefined) throw new Error(`the hub ended (${ended}); its log says why`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the hub did not answer within 30 s');
}

async function seedOnce(gitRoot: string): Promise<void> {
  try {
    await access(join(gitRoot, `${controlRepositoryName}.git`));
  } catch {
    await mkdir(gitRoot, { recursive: true });
    await seedRepository(gitRoot, join(rootFolder, 'deploy/examples/control-repo'));
  }
}

async function freshFolder(folder: string): Promise<string> {
  const path = join(folder, `workshop-${randomBytes(4).toString('hex')}.git`);
  return path;
}
