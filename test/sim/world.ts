import { LogUnavailableError } from '@flotilla/hub/io/decision-log';
import type { ClusterName, ClusterUid, EventId, Json } from '@flotilla/shared/base';
import { type Cluster, decisionFormat } from '@flotilla/shared/model';
import {
  type MemoryDecisionLog,
  memoryBucket,
  memoryDecisionLog,
  memoryGossip,
  memoryStatusStream,
} from '../fakes/index.ts';
import { AgentProcess } from './agent-process.ts';
import { type Chance, chanceOf } from './chance.ts';
import { controlRepository, lookAt } from './control-repository.ts';
import { HubProcess } from './hub-process.ts';
import { Ledger } from './ledger.ts';
import type { Link, Weather } from './link.ts';
import type { Storing } from './oracles/agents.ts';
import { Folds, Heard, judgeSilent, judgeStored, judges, watchReports } from './oracles/index.ts';
import { RawLog } from './raw-log.ts';
import { makeTrace, type Trace } from './trace.ts';
import { Truth } from './truth.ts';
import { Violation } from './violation.ts';
import { virtualTime } from './virtual-time.ts';
import type { Wish } from './wish.ts';

/** Two hub processes on one log, a control repository, a bus, and agents; everything in one thread and in virtual time. */
export class World {
  readonly seed: number;
  readonly chance: Chance;
  readonly time = virtualTime();
  readonly trace: Trace = makeTrace(() => this.time.nowMs);
  readonly log: MemoryDecisionLog;
  readonly status = memoryStatusStream(this.time.clock());
  readonly clusters = memoryBucket();
  readonly repository = controlRepository();
  readonly weather: Weather = { delayMs: 30, wildShare: 0 };
  /** At each place the process that runs there; undefined while none does. */
  readonly hubs: (HubProcess | undefined)[] = [undefined, undefined];
  readonly agents = new Map<ClusterUid, AgentProcess>();
  readonly truth: Truth;
  readonly heard: Heard;
  /** What the log says so far. */
  readonly ledger = new Ledger();
  readonly folds: Folds;
  /** What every message of the log says, read by nobody's code but the simulation's own. */
  readonly raw: RawLog;
  wish: Wish = {
    placements: {},
    maxChangingPercent: 50,
    maxChangingPerCluster: 2,
    frozen: undefined,
    note: '',
  };
  /** All faults are over: nothing that was to happen happens any more. */
  isQuiet = false;
  failure: Violation | undefined;
  /** Questions of people so far. */
  asked = 0;
  /** When the bus last came back. */
  busUpSinceMs = 0;
  /** When something last went wrong for all. */
  troubleAtMs = 0;
  readonly gossip = memoryGossip();
  #started = 0;

  constructor(seed: number) {
    this.seed = seed;
    this.chance = chanceOf(seed);
    const chance = chanceOf(seed ^ 0x60551);
    // Core NATS: at once, and lost when the network is bad.
    this.gossip.carry = (deliver) => {
      if (!chance.is(this.weather.wildShare)) this.time.after(chance.next() * 20, deliver);
    };
    this.truth = new Truth(this.repository);
    this.heard = new Heard(this.truth, () => this.time.nowMs);
    this.folds = new Folds(seed);
    const all = judges();
    this.raw = new RawLog(this.trace, (one) => {
      for (const judge of all) judge(one, { world: this, ledger: this.ledger });
      this.ledger.take(one);
    });
    const clock = this.time.clock();
    this.log = this.raw.heard(memoryDecisionLog(clock), (error) => this.broke('the log', error));
    lookAt(this.repository);
  }

  /** The fleet begins: epoch 1, a first commit, clusters, hubs. */
  async begin(
    wish: Wish,
    clusters: readonly { readonly name: string; readonly labels: Cluster['labels'] }[],
  ) {
    const actor = { kind: 'hub', process: 'first' } as const;
    const payload = { kind: 'epoch-raised', epoch: 1, text: 'the fleet begins' } as const;
    // 26 letters are the text of an event id.
    const id = 'epoch'.padEnd(26, 'z') as EventId;
    const about = { format: decisionFormat, id, actor, payload } as const;
    const event = { ...about, atMs: 0, expectedSeq: 0, evidence: undefined };
    await this.log.append('flotilla.decisions.epoch', event, never);
    this.push(wish);
    for (const one of clusters) await this.register(one.name, one.labels);
    for (const place of this.hubs.keys()) this.startHub(place);
  }

  /** Lets time pass, and looks after each second of it whether what happened was right. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1_000) {
      await this.time.run(Math.min(left, 1_000));
      if (this.failure !== undefined) throw this.failure;
    }
    judgeSilent({ world: this, ledger: this.ledger });
  }

  push(wish: Wish, how?: { readonly isForced: boolean }): void {
    this.wish = wish;
    const id = this.repository.push(wish, how);
    this.trace.add(`push ${id.slice(0, 8)}${how?.isForced ? ' by force' : ''} ${JSON.stringify(wish)}`);
  }

  /** A new cluster with its agent, or one that is registered again with other labels. */
  async register(name: string, labels: Cluster['labels'], change: Partial<Cluster> = {}): Promise<void> {
    const uid = uidOf(name);
    // Names of the simulation are plain words.
    const cluster: Cluster = {
      uid,
      name: name as ClusterName,
      labels,
      taints: [],
      isCordoned: false,
      registeredAtMs: 0,
      ...change,
    };
    this.truth.register(uid, cluster);
    this.trace.add(`register ${name} ${JSON.stringify(labels)}${cluster.isCordoned ? ' cordoned' : ''}`);
    // A registration is plain data.
    await this.#write(uid, { ...cluster } as unknown as Json);
    if (this.agents.has(uid)) return;
    const agent = new AgentProcess({ uid, name }, this, this.chance.branch());
    this.agents.set(uid, agent);
    this.truth.addAgent(agent);
    agent.start();
  }

  /** A person removes a cluster: its registration is deleted and its agent stops. */
  async unregister(uid: ClusterUid): Promise<void> {
    this.trace.add(`unregister ${this.agents.get(uid)?.name}`);
    this.truth.register(uid, undefined);
    this.agents.get(uid)?.kill();
    this.agents.delete(uid);
    await this.#write(uid, null);
    await this.status.purge(uid, never);
  }

  startHub(place: number): void {
    if (this.hubs[place] !== undefined) return;
    this.trouble();
    this.#started += 1;
    const hub = new HubProcess(`${'ab'[place]}${this.#started}`, this, this.chance.branch());
    this.hubs[place] = hub;
    hub.setBus(this.log.isAvailable);
    const broke = (error: unknown): void => this.broke(hub.name, error);
    this.folds.watch(hub.fleet, hub.name, broke);
    watchReports(hub, this, broke);
    this.trace.add(`hub ${hub.name} starts`);
  }

  killHub(place: number): void {
    const hub = this.hubs[place];
    if (hub === undefined) return;
    this.trouble();
    this.trace.add(`hub ${hub.name} is killed at ${hub.fleet.position.foldedSeq} of ${this.log.size}`);
    hub.kill();
    this.hubs[place] = undefined;
  }

  /** The bus is away for everybody: log, reports, and what hubs tell each other. */
  setBus(isUp: boolean): void {
    this.trouble();
    for (const hub of this.hubs) hub?.setBus(isUp);
    if (isUp && !this.log.isAvailable) this.busUpSinceMs = this.time.nowMs;
    this.log.isAvailable = isUp;
    const text = 'the bus is away';
    this.status.failure = isUp
      ? undefined
      : new LogUnavailableError(text, { code: 'LOG_UNAVAILABLE', retry: 'backoff' });
  }

  /** The Git server is away, or back. */
  setGit(isUp: boolean): void {
    this.repository.git.isUp = isUp;
  }

  dial(link: Link): boolean {
    const up = this.hubs.filter((hub) => hub !== undefined);
    const hub = up.length === 0 ? undefined : this.chance.of(up);
    hub?.connect(link.stream);
    return hub !== undefined;
  }

  /** Something went wrong, or was put right, that is felt by hubs or by all. */
  trouble(): void {
    this.troubleAtMs = this.time.nowMs;
  }

  /** Whether a cluster could be reached by every hub, and heard, for so long without a break. */
  isSound(uid: string, forMs: number): boolean {
    const agent = [...this.agents.values()].find((one) => one.uid === uid);
    const { delayMs, wildShare } = this.weather;
    const isCalm = wildShare === 0 && delayMs <= 300;
    const sinceMs = Math.max(this.troubleAtMs, agent?.troubleAtMs ?? 0);
    return isCalm && agent?.state?.phase.kind === 'following' && this.time.nowMs - sinceMs >= forMs;
  }

  broke(what: string, error: unknown): void {
    if (error instanceof Violation) this.failure ??= error;
    else
      this.failure ??= new Violation(
        'assertion',
        `${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
  }

  /** An agent is about to hold a row. */
  storing(storing: Storing): void {
    try {
      judgeStored(storing, this.ledger);
    } catch (error) {
      this.broke('an agent', error);
    }
  }

  /** Ends everything: nothing of it runs on behind the next world. */
  end(): void {
    for (const place of this.hubs.keys()) this.killHub(place);
    for (const agent of this.agents.values()) agent.kill();
  }

  async #write(uid: ClusterUid, value: Json): Promise<void> {
    const before = await this.clusters.get(uid, never);
    await this.clusters.put(uid, value, before?.revision ?? 0, never);
  }
}

/** The uid of a cluster by its name. */
export function uidOf(name: string): ClusterUid {
  // Letters and digits of base32, as uids are.
  return name.replaceAll(/[^a-z2-7]/g, 'x').padEnd(26, 'u') as ClusterUid;
}

const never = new AbortController().signal;
