import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ControlSide,
  createAsker,
  type HubClient,
  type RunningProcess,
  startProcess,
  type Workshop,
} from '../real/control-side/index.ts';
import { findTool, rootFolder } from '../tools/index.ts';
import type { DemoCluster } from './cluster-list.ts';
import type { ClusterQuestion, ClusterWrites } from './clusters/questions.ts';

/** Where the demo's parts are and how they are reached. */
export interface DemoFleetOptions {
  readonly folder: string;
  readonly clusters: readonly DemoCluster[];
  readonly say: (line: string) => void;
}

/** Git server, hub with its bus, and simulated clusters: each a process of its own. */
export class DemoFleet implements AsyncDisposable {
  readonly folder: string;
  readonly clusters: readonly DemoCluster[];
  readonly #control: ControlSide;
  readonly #clusterProcess: RunningProcess;
  readonly #ask: (question: object) => Promise<unknown>;

  private constructor(options: DemoFleetOptions, control: ControlSide, clusterProcess: RunningProcess) {
    this.folder = options.folder;
    this.clusters = options.clusters;
    this.#control = control;
    this.#clusterProcess = clusterProcess;
    this.#ask = createAsker(clusterProcess.child);
  }

  /** Starts everything and joins every cluster; resolves when all agents run. */
  static async start(options: DemoFleetOptions): Promise<DemoFleet> {
    await using started = new AsyncDisposableStack();
    const clusterProcess = await startClusters(options);
    started.defer(() => clusterProcess.stop());
    const control = started.use(await ControlSide.start({ folder: options.folder, say: options.say }));
    options.say('hub, bus and Git server are up; clusters join');
    const fleet = new DemoFleet(options, control, clusterProcess);
    await fleet.#join();
    started.move();
    return fleet;
  }

  /** The hub's API. */
  get hub(): HubClient {
    return this.#control.client;
  }

  /** A person's clone, from which the acts push. */
  get workshop(): Workshop {
    return this.#control.workshop;
  }

  /** Where the hub keeps its data; the command line finds its token there. */
  get hubDataDir(): string {
    return this.#control.settings.dataDir;
  }

  get busPort(): number {
    return this.#control.settings.busPort;
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
    await this.#control.killHub();
  }

  async restartHub(): Promise<void> {
    await this.#control.restartHub();
  }

  /** Fetches that the Git server answered for the control repository. */
  async gitFetches(): Promise<number> {
    return await this.#control.gitFetches();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#clusterProcess.stop();
    await this.#control[Symbol.asyncDispose]();
  }
}

async function startClusters({ folder, say }: DemoFleetOptions): Promise<RunningProcess> {
  const kustomize = await findTool('kustomize', { say });
  await mkdir(join(folder, 'logs'), { recursive: true });
  const program = join(rootFolder, 'test/demo/clusters/main.ts');
  return startProcess({
    name: 'clusters',
    args: [program, '--folder', join(folder, 'agents'), '--kustomize', kustomize.path],
    logFile: join(folder, 'logs', 'agents.log'),
  });
}
