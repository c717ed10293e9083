import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import { statusPayloadOf } from '@flotilla/shared/codec';
import { gzip } from '@flotilla/shared/kit';
import { compareVersions, memberOf, type Report, type Row, setDigest } from '@flotilla/shared/model';
import type { AgentWorld } from './agent-process.ts';
import { behaviourOf } from './behaviour.ts';
import type { Chance } from './chance.ts';
import { begun, reportOf, soakOf, type Workload } from './workload.ts';

/** A report that an agent made, whoever heard of it. */
export interface Said {
  /** `incarnation.seq`, as evidence names it. */
  readonly version: string;
  readonly report: Report;
  readonly atMs: number;
}

const facts: Report['facts'] = {
  kubernetes: '',
  nodes: 1,
  agent: '0.1.0',
  isSimulated: true,
  fetchRungs: {},
  inventoryParent: '',
  more: {},
};
const everyMs = 60_000;
const retryMs = 5_000;

/** What becomes of an agent's rows on its cluster, and what the agent says of it. */
export class Reports {
  /** Every report, oldest first: the truth that decisions are measured by. */
  readonly said: Said[] = [];
  readonly #identity: { readonly uid: ClusterUid; readonly name: string };
  readonly #world: AgentWorld;
  readonly #chance: Chance;
  readonly #sendByStream: (report: Report) => boolean;
  #works = new Map<PlacementName, Workload>();
  #incarnation = 1;
  #seq = 0;
  /** Numbers up to here were used by an earlier run, by incarnation. */
  #used = new Map<number, number>();
  #life = 0;
  /** Until then what it publishes does not reach the bus, though its stream to a hub lives on. */
  lateUntilMs = 0;
  #isDue = false;
  #isRunning = false;

  constructor(
    identity: Reports['identity'],
    world: AgentWorld,
    ways: { readonly chance: Chance; readonly sendByStream: (report: Report) => boolean },
  ) {
    this.#identity = identity;
    this.#world = world;
    this.#chance = ways.chance;
    this.#sendByStream = ways.sendByStream;
  }

  get identity(): { readonly uid: ClusterUid; readonly name: string } {
    return this.#identity;
  }

  /** Number of the newest report; 0 = none of this run. */
  get lastSeq(): number {
    return this.#seq > (this.#used.get(this.#incarnation) ?? 0) ? this.#seq : 0;
  }

  /** How far the cluster is with a placement. */
  of(placement: PlacementName): Workload | undefined {
    return this.#works.get(placement);
  }

  start(incarnation: number, rows: readonly Row[]): void {
    this.#life += 1;
    this.#isRunning = true;
    this.#isDue = false;
    this.follow(incarnation);
    this.#works = new Map();
    for (const row of rows) this.take(row);
    this.changed();
    this.#repeat(this.#life);
  }

  stop(): void {
    this.#life += 1;
    this.#isRunning = false;
    this.#used.set(this.#incarnation, this.#seq);
    this.#seq = 0;
  }

  /** The session goes on as a newer incarnation: numbers begin anew. */
  follow(incarnation: number): void {
    if (incarnation === this.#incarnation && this.#seq > 0) return;
    this.#incarnation = incarnation;
    this.#seq = this.#used.get(incarnation) ?? 0;
  }

  /** The disk is new. */
  forgetNumbers(): void {
    this.#used = new Map();
    this.#seq = 0;
  }

  /** A row was made durable: the cluster begins to become what it says. One at the version held changes nothing. */
  take(row: Row): void {
    const before = this.#works.get(row.placement);
    if (before !== undefined && compareVersions(before.row.version, row.version) === 0) return;
    this.#works.set(row.placement, begun(row));
    this.changed();
    const tree = row.kind === 'assignment' ? row.variant.content.trees[0]?.treeId : undefined;
    const content = tree === undefined ? undefined : this.#world.repository.contentOf(tree);
    for (const { afterMs, change } of behaviourOf(row, content, this.#identity.name, this.#chance))
      this.#later(row, afterMs, change);
  }

  /** What ran well breaks, or is well again, without a row. */
  shake(placement: PlacementName, state: 'Degraded' | 'Ready'): void {
    const work = this.#works.get(placement);
    if (work?.row.kind !== 'assignment' || !['Ready', 'Degraded'].includes(work.state)) return;
    this.#become(work, { state });
  }

  /** Something changed: a report is made a moment later. */
  changed(): void {
    if (this.#isDue || !this.#isRunning) return;
    this.#isDue = true;
    const mine = this.#life;
    this.#world.time.after(200 + this.#chance.next() * 800, () => {
      if (this.#life !== mine) return;
      this.#isDue = false;
      this.#make();
    });
  }

  #later(row: Row, afterMs: number, change: Partial<Workload>): void {
    const mine = this.#life;
    this.#world.time.after(afterMs, () => {
      const work = this.#works.get(row.placement);
      if (this.#life === mine && work?.row === row) this.#become(work, change);
    });
  }

  #become(work: Workload, change: Partial<Workload>): void {
    const { time, trace } = this.#world;
    const next = { ...work, ...change };
    const isHealthy = next.state === 'Ready';
    const healthySinceMs = isHealthy ? (work.healthySinceMs ?? time.nowMs) : undefined;
    this.#works.set(work.row.placement, { ...next, healthySinceMs });
    trace.add(`${this.#identity.name} ${work.row.placement} ${work.row.version.seq} is ${next.state}`);
    this.changed();
    // The agent says the moment its soak has passed.
    const mine = this.#life;
    if (isHealthy && work.state !== 'Ready')
      time.after(soakOf(work.row) + 1, () => {
        if (this.#life === mine) this.changed();
      });
  }

  #repeat(mine: number): void {
    this.#world.time.after(everyMs * (0.9 + this.#chance.next() / 5), () => {
      if (this.#life !== mine) return;
      this.changed();
      this.#repeat(mine);
    });
  }

  #make(): void {
    const { status, time } = this.#world;
    this.#seq += 1;
    const works = [...this.#works.values()].sort((a, b) => (a.row.placement < b.row.placement ? -1 : 1));
    const report: Report = {
      incarnation: this.#incarnation,
      seq: this.#seq,
      heldDigest: setDigest(works.map(({ row }) => memberOf(row))),
      assignments: works.map((one) => reportOf(one, time.nowMs)),
      facts,
      madeAtMs: 0,
      trimmed: [],
    };
    this.said.push({ version: `${report.incarnation}.${report.seq}`, report, atMs: time.nowMs });
    if (status.failure === undefined) this.#publish(report);
    else if (!this.#sendByStream(report)) time.after(retryMs, () => this.changed());
  }

  /** The bus may deliver late, twice, or what is older after what is newer. */
  #publish(report: Report): void {
    const { chance } = { chance: this.#chance };
    const { status, time, weather } = this.#world;
    const payload = statusPayloadOf(report, gzip);
    const isWild = chance.is(0.05 + weather.wildShare);
    const copies = isWild ? chance.whole(0, 2) : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const lateMs = Math.max(0, this.lateUntilMs - time.nowMs);
      time.after(lateMs + (isWild ? chance.duration(10, 20_000) : chance.next() * 100), () => {
        // A bus that went away meanwhile has lost it.
        status.publish(this.#identity.uid, payload, never).catch(() => {});
      });
    }
  }
}

const never = new AbortController().signal;
