import { ControlSide, type HubClient, type Workshop } from '../real/control-side/index.ts';
import type { DemoCluster } from './cluster-list.ts';
import type { DemoClusters } from './clusters/demo-clusters.ts';
import { RealClusters } from './clusters/real-clusters.ts';
import { SimulatedClusters } from './clusters/simulated-clusters.ts';

/** Where the demo's parts are and how they are reached. */
export interface DemoFleetOptions {
  /** Everything lives here. Started again in the same folder the fleet goes on. */
  readonly folder: string;
  readonly clusters: readonly DemoCluster[];
  /** Real control planes instead of simulated clusters. */
  readonly isReal: boolean;
  readonly say: (line: string) => void;
}

/** Git server, hub with its bus, and clusters with their agents: each a process of its own. */
export class DemoFleet implements AsyncDisposable {
  readonly folder: string;
  readonly members: DemoClusters;
  /** Resolves when the agents of all clusters that it began with run; rejects when one cannot join. */
  readonly joined: Promise<void>;
  readonly #clusters: DemoCluster[];
  readonly #control: ControlSide;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    options: DemoFleetOptions,
    parts: { readonly control: ControlSide; readonly members: DemoClusters },
    stack: AsyncDisposableStack,
  ) {
    this.folder = options.folder;
    this.#clusters = [...options.clusters];
    this.members = parts.members;
    this.#control = parts.control;
    this.#stack = stack;
    this.joined = this.#join(options.say);
    // Whoever waits for it hears of it.
    this.joined.catch(() => {});
  }

  /** Starts everything; resolves when the hub answers, and those clusters that have not joined yet are about to. */
  static async start(options: DemoFleetOptions): Promise<DemoFleet> {
    await using stack = new AsyncDisposableStack();
    const { folder, clusters, isReal, say } = options;
    // Torn down the other way round: agents leave a hub that is still there.
    const launch: Promise<DemoClusters> = isReal
      ? RealClusters.launch({ folder, clusters, say })
      : SimulatedClusters.launch(options);
    const [control, members] = await both(ControlSide.start({ folder, say }), launch, stack);
    say('hub, bus and Git server are up; clusters join');
    return new DemoFleet(options, { control, members }, stack.move());
  }

  /** Those that it began with, and those that joined since. */
  get clusters(): readonly DemoCluster[] {
    return this.#clusters;
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

  /** The cluster that the act `offline` takes when none is named. */
  get offlineDefault(): string {
    const usual = this.clusters.find((cluster) => cluster.name === 'eu-3');
    return usual?.name ?? this.clusters.at(-1)?.name ?? '';
  }

  /** Kills the hub as a power cut would; its bus goes with it. */
  async killHub(): Promise<void> {
    await this.#control.killHub();
  }

  async restartHub(): Promise<void> {
    await this.#control.restartHub();
  }

  /** Takes the Git server away. */
  async stopGit(): Promise<void> {
    await this.#control.stopGit();
  }

  /** Brings it back at its old address. */
  async restartGit(): Promise<void> {
    await this.#control.restartGit();
  }

  /** One more cluster joins; resolves when its agent runs. Simulated clusters only. */
  async join(cluster: DemoCluster): Promise<void> {
    const joinLine = await this.hub.joinLine(cluster.name, cluster.labels);
    await this.members.start([{ name: cluster.name, joinLine }]);
    this.#clusters.push(cluster);
  }

  /** Fetches that the Git server answered for the control repository. */
  async gitFetches(): Promise<number> {
    return await this.#control.gitFetches();
  }

  async #join(say: (line: string) => void): Promise<void> {
    const registered = await this.hub.list('clusters');
    const known = new Set<string>(registered.map((cluster) => cluster.metadata.name));
    if (known.size > 0) {
      const kind = this.members.isSimulated ? 'simulated' : 'real';
      say(`${known.size} clusters have joined before and come back as themselves`);
      say(`the ${kind} API servers begin empty: their agents apply everything again`);
    }
    const lineOf = async ({ name, labels }: DemoCluster) =>
      known.has(name) ? undefined : await this.hub.joinLine(name, labels);
    const joining = this.clusters.map(async (cluster) => ({
      name: cluster.name,
      joinLine: await lineOf(cluster),
    }));
    await this.members.start(await Promise.all(joining));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** Both sides start at once; what one has started is ended when the other fails. */
async function both<First extends AsyncDisposable, Second extends AsyncDisposable>(
  first: Promise<First>,
  second: Promise<Second>,
  stack: AsyncDisposableStack,
): Promise<readonly [First, Second]> {
  const [one, two] = await Promise.allSettled([first, second]);
  if (one.status === 'fulfilled') stack.use(one.value);
  if (two.status === 'fulfilled') stack.use(two.value);
  if (one.status === 'rejected') throw one.reason;
  if (two.status === 'rejected') throw two.reason;
  return [one.value, two.value];
}
