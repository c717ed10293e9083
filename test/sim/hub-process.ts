import { createHubHealth, type HubHealth } from '@flotilla/hub/health';
import {
  acceptSource,
  confirmEpoch,
  type EpochKeeper,
  Fleet,
  fleetWorld,
  ingestClusters,
  ingestDecisions,
  ingestStatus,
  operateRollout,
  SignedRows,
  SourceSnapshots,
  startControlRepo,
  startEpoch,
  startPlacing,
  startRollouts,
  startSessions,
} from '@flotilla/hub/loops';
import type { DecisionLog, StatusStream } from '@flotilla/hub/ports';
import type { Clock, EventId } from '@flotilla/shared/base';
import { reportOfPayload, statusPayloadOf } from '@flotilla/shared/codec';
import { gzip, type Logger, silentLogger } from '@flotilla/shared/kit';
import type { Cluster, Report } from '@flotilla/shared/model';
import { MemoryAgentListener, type MemoryAgentStream } from '../fakes/agent-listener.ts';
import type { MemoryGossip } from '../fakes/index.ts';
import { macRow, fleet as names } from '../protocol/fleet.ts';
import type { Chance } from './chance.ts';
import { parsedFiles, remote } from './control-repository.ts';
import { flakyLog, flakyStatus } from './flaky-log.ts';
import { ProcessLife, type Wire } from './process-life.ts';
import { silentMetrics } from './silent-metrics.ts';
import type { Surroundings } from './surroundings.ts';

const pollIntervalMs = 5_000;
/** Sessions look at their streams every 250 ms; a busy machine comes to it this much later, which costs less to simulate. */
const lateByMs = 1_500;

/** What a person asks for, as the API takes it. */
export type Asked = Parameters<typeof operateRollout>[1];

/** One hub process on production code: from its start until it is killed. */
export class HubProcess {
  readonly name: string;
  readonly fleet = new Fleet();
  readonly startedAtMs: number;
  readonly wire: Wire;
  readonly #life = new ProcessLife();
  readonly #listener = new MemoryAgentListener();
  readonly #streams = new Set<MemoryAgentStream>();
  readonly #world: Surroundings;
  readonly #clock: Clock;
  readonly #health: HubHealth;
  readonly #deciding: Parameters<typeof operateRollout>[0];
  readonly #decisions: DecisionLog;
  readonly #status: StatusStream;
  readonly #line: ReturnType<MemoryGossip['open']>;
  #epoch: EpochKeeper | undefined;
  #events = 0;

  constructor(name: string, world: Surroundings, chance: Chance) {
    this.name = name;
    this.#world = world;
    this.startedAtMs = world.time.nowMs;
    this.#clock = world.time.clock({ skewMs: chance.whole(-2_000, 2_000) });
    this.wire = { life: this.#life, clock: world.time.clock(), chance, stalledUntilMs: 0, lossShare: 0 };
    this.#decisions = flakyLog(world.log, this.wire);
    this.#status = flakyStatus(world.status, this.wire);
    this.#health = createHubHealth(this.#clock);
    const actor = { kind: 'hub', process: name } as const;
    this.#deciding = {
      fleet: this.fleet,
      decisions: this.#decisions,
      clock: this.#clock,
      newEventId: () => this.#newEventId(),
      healthySinceMs: () => this.#health.sinceMs(),
      actor,
    };
    this.#line = world.gossip.open();
    this.#start(chance);
  }

  get isDead(): boolean {
    return this.#life.isDead;
  }

  /** A stream of an agent comes in. */
  connect(stream: MemoryAgentStream): void {
    this.#streams.add(stream);
    this.#listener.connect(stream);
  }

  kill(): void {
    // Who is killed says no goodbye.
    this.#line.isCut = true;
    this.#life.kill();
    for (const stream of this.#streams) stream.break();
    this.#listener.close();
  }

  /** What others write is seen at once, and no answer is lost. */
  calm(): void {
    this.wire.lossShare = 0;
    this.wire.stalledUntilMs = 0;
  }

  /** The connection to the bus is gone, and the process knows it; or it is back. */
  setBus(isUp: boolean): void {
    this.#health.set('bus', isUp);
    this.#line.isCut = this.isDead || !isUp;
  }

  /** A person's word about a rollout. */
  async operate(asked: Asked): ReturnType<typeof operateRollout> {
    return await operateRollout(this.#deciding, asked, this.#life.signal);
  }

  /** A person accepts a commit that waits. */
  async accept(commit: string): ReturnType<typeof acceptSource> {
    const by = { actor: 'ada', reason: 'looked at it' };
    return await acceptSource(this.#deciding, { source: 'control', commit, by }, this.#life.signal);
  }

  /** A person has looked at what was lost. */
  async confirm(epoch: number): ReturnType<typeof confirmEpoch> {
    const by = { actor: 'ada', reason: 'looked at what clusters hold' };
    return await confirmEpoch(this.#deciding, { epoch, by }, this.#life.signal);
  }

  #start(chance: Chance): void {
    const { signal } = this.#life;
    const { clusters, repository } = this.#world;
    const log = loudLogger((message, error) => this.#world.broke(`${this.name}: ${message}`, error));
    const common = { ...this.#deciding, random: chance.branch(), log };
    const ingest = {
      ...common,
      status: this.#status,
      clusters,
      readRegistration: readCluster,
      decodeStatus: async (stored: { readonly payload: Uint8Array }) => decoded(stored.payload),
      onStatusFlow: (flows: boolean) => this.#health.set('status', flows),
      onLogFlow: (flows: boolean) => this.#health.set('log', flows),
      // What it knows is of a log that is no more: the program ends, and is started anew by whoever keeps it.
      onLogLost: () => this.kill(),
    };
    for (const following of [ingestDecisions, ingestStatus, ingestClusters])
      this.#run(following(ingest, signal));
    const git = repository.port();
    const files = parsedFiles;
    const control = { ...common, git, files, remote, ref: 'main', pollIntervalMs };
    const placing = { ...common, files, snapshots: new SourceSnapshots(git, remote), pollIntervalMs };
    this.#run(startControlRepo(control, signal).ended);
    this.#run(startPlacing(placing, signal).ended);
    this.#run(startRollouts(common, signal).ended);
    this.#serve(log, chance);
  }

  #serve(log: Logger, chance: Chance): void {
    const world = fleetWorld({
      fleet: this.fleet,
      rows: new SignedRows(this.fleet, { macRow }, () => undefined),
      decisions: this.#decisions,
      status: this.#status,
      signer: { macRow },
      hubId: names.hubId,
      hubVersion: '0.1.0',
      encodeReport: (report) => statusPayloadOf(report, gzip),
      onLogLost: (loss) => this.#epoch?.lost(loss),
      onClaims: () => this.#epoch?.look(),
      onImpaired: (isImpaired) => this.#health.set('presence', !isImpaired),
      wallMs: () => this.#clock.wallMs(),
      log: silentLogger,
    });
    const clock = { ...this.#clock, sleep: this.#world.time.clock({ lateByMs }).sleep };
    const gossip = { line: this.#line, process: this.name };
    const nextTurn = () => Promise.resolve();
    const random = chance.branch();
    const options = { listener: this.#listener, world, gossip, clock, log, random, nextTurn };
    const { signal } = this.#life;
    const sessions = startSessions({ ...options, metrics: silentMetrics }, signal);
    const held = () => sessions.held();
    this.#epoch = startEpoch({ ...this.#deciding, held, log: silentLogger }, signal);
    this.#run(sessions.ended);
    this.#run(this.#epoch.ended);
  }

  #run(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.isDead) this.#world.broke(`${this.name}: a loop ended`, error);
    });
  }

  #newEventId(): EventId {
    this.#events += 1;
    const letters = [...`${this.name}x${this.#events}`].map((one) => 'abcdefghij'[Number(one)] ?? one);
    // Letters only, as the text of an event id may be; names are a letter and a number.
    return letters.join('').padEnd(26, 'z') as EventId;
  }
}

/** Reports that some hub has read: the same bytes say the same to the other one. */
const readReports = new WeakMap<Uint8Array, Report>();

function decoded(payload: Uint8Array): Report | undefined {
  const known = readReports.get(payload);
  if (known !== undefined) return known;
  const report = reportOfPayload(payload, gzip);
  if (!report.ok) return undefined;
  readReports.set(payload, report.value);
  return report.value;
}

/** Registrations are stored as they are; a removed one is null. */
function readCluster(_key: string, value: unknown): Cluster | undefined {
  // The simulation writes nothing else into this bucket.
  return value === null ? undefined : (value as Cluster);
}

/** Tells what must never be said: a rule of our own that was broken. Words to a person carry no error; what comes of them is judged. */
function loudLogger(onError: (message: string, error: unknown) => void): Logger {
  const error: Logger['error'] = (message, fields) => {
    if (fields?.error !== undefined) onError(message, fields.error);
  };
  return { ...silentLogger, error, child: () => loudLogger(onError) };
}
