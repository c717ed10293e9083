import {
  type HubSessionEvent,
  type HubSessionOutput,
  type HubSessionState,
  type HubView,
  judgeNewcomer,
  type KnownStream,
  openHubSession,
  provenClaims,
  stepHubSession,
} from '@flotilla/hub/core';
import { assert, type Random } from '@flotilla/shared/base';
import { agentFrameFromBytes, hubFrameToBytes } from '@flotilla/shared/codec';
import { gzip } from '@flotilla/shared/kit';
import type { Hello, HubFrame, RejectedRow, Row } from '@flotilla/shared/model';
import { compareVersions, formatVersion } from '@flotilla/shared/model';
import { fleet, macRow } from '../fleet.ts';
import type { Link, LinkEnd } from './link.ts';
import type { DecisionLog } from './log.ts';
import type { Schedule } from './schedule.ts';

interface Stream {
  state: HubSessionState;
  link: Link | undefined;
  /** Deltas sent and not acknowledged, as the wire sees it. */
  unacknowledged: number;
  /** Rows refused in this session, as `placement version`. */
  readonly refused: Set<string>;
  helloRows: ReadonlyMap<string, Row['version']>;
  wake: number;
}

/** What a hub process lives in. */
export interface HubWorld {
  readonly schedule: Schedule;
  readonly random: Random;
  readonly log: DecisionLog;
}

/** One hub process over a shared log. */
export class HubNode {
  readonly #world: HubWorld;
  isAlive = true;
  /** Rows that agents refused, as `placement version`; survives crashes, for the checks. */
  readonly refused = new Set<string>();
  readonly alarms: string[] = [];
  #bootSeq = 0;
  #foldedSeq = 0;
  #desired: readonly Row[] = [];
  #known: (KnownStream & { readonly stream: Stream }) | undefined;
  #streams = new Set<Stream>();

  constructor(world: HubWorld) {
    this.#world = world;
  }

  /** A new stream; the link is given afterwards, because it needs this end. */
  accept(): LinkEnd & { use(link: Link): void } {
    const { random, schedule } = this.#world;
    const stream: Stream = {
      state: openHubSession(Math.floor(random.next() * 1e9), schedule.nowMs),
      link: undefined,
      unacknowledged: 0,
      refused: new Set(),
      helloRows: new Map(),
      wake: 0,
    };
    this.#streams.add(stream);
    return {
      use: (link) => {
        stream.link = link;
        this.#step(stream, { kind: 'tick' });
      },
      receive: (bytes) => this.#receive(stream, bytes),
      down: () => {
        this.#step(stream, { kind: 'ended' });
        this.#forget(stream);
      },
    };
  }

  /** Folds the log up to its end, or one decision further. */
  fold(how: 'all' | 'some'): void {
    if (!this.isAlive) return;
    const { log } = this.#world;
    this.#foldedSeq = how === 'all' ? log.endSeq : Math.min(log.endSeq, this.#foldedSeq + 1);
    this.#desired = log.desired(this.#foldedSeq);
    for (const stream of [...this.#streams]) this.#step(stream, { kind: 'world' });
  }

  crash(): void {
    this.isAlive = false;
    const links = [...this.#streams].map((stream) => stream.link);
    this.#streams = new Set();
    this.#known = undefined;
    this.#foldedSeq = 0;
    this.#desired = [];
    for (const link of links) link?.cut();
  }

  start(): void {
    this.isAlive = true;
    this.#bootSeq = this.#world.log.endSeq;
  }

  #view(): HubView {
    const isFolded = this.#foldedSeq >= this.#bootSeq;
    return {
      readiness: isFolded ? { kind: 'ready' } : { kind: 'not-ready', reason: 'folding the decision log' },
      hubId: fleet.hubId,
      hubVersion: '0.1.0',
      epoch: 1,
      foldedSeq: this.#foldedSeq,
      isLogged: () => undefined,
      cluster: { name: fleet.name, labels: {} },
      report: undefined,
      fleetSize: 1,
      desired: this.#desired,
    };
  }

  #step(stream: Stream, event: HubSessionEvent): void {
    if (!this.#streams.has(stream)) return;
    const { schedule } = this.#world;
    const done = stepHubSession(stream.state, { event, view: this.#view() }, schedule.nowMs);
    stream.state = done.state;
    for (const output of done.outputs) this.#perform(stream, output);
    checkBounds(stream, this.#desired);
    stream.wake += 1;
    const { wake } = stream;
    if (done.wakeAtMs === undefined) return;
    schedule.after(done.wakeAtMs - schedule.nowMs, () => {
      if (stream.wake === wake) this.#step(stream, { kind: 'tick' });
    });
  }

  #perform(stream: Stream, output: HubSessionOutput): void {
    const { schedule, random, log } = this.#world;
    switch (output.kind) {
      case 'send':
        if (output.frame.kind === 'delta') checkDelta(stream, output.frame);
        stream.link?.sendToAgent(hubFrameToBytes(output.frame));
        break;
      case 'close':
        this.#forget(stream);
        stream.link?.closeFromHub();
        break;
      case 'read-log-end':
        schedule.after(random.next() * 200, () => this.#step(stream, { kind: 'log-end', seq: log.endSeq }));
        break;
      case 'raise':
        this.alarms.push(output.code);
        break;
      case 'rejected':
        this.#noteRefused(stream, output.rows);
        break;
      default:
        break;
    }
  }

  #noteRefused(stream: Stream, rows: readonly RejectedRow[]): void {
    for (const row of rows) {
      const name = `${row.placement} ${formatVersion(row.version)}`;
      this.refused.add(name);
      if (row.code !== 'STORE') stream.refused.add(name);
    }
  }

  #receive(stream: Stream, bytes: Uint8Array): void {
    const frame = agentFrameFromBytes(bytes, gzip);
    assert(frame.ok, 'an agent sends frames that decode');
    if (frame.value === undefined) return;
    if (frame.value.kind === 'hello') {
      this.#greet(stream, frame.value);
      return;
    }
    if (frame.value.kind === 'ack') stream.unacknowledged = 0;
    this.#step(stream, { kind: 'frame', frame: frame.value });
  }

  #greet(stream: Stream, hello: Hello): void {
    const fence = judgeNewcomer(this.#known, hello);
    if (fence.kind === 'newest') {
      const older = this.#known?.isLive ? this.#known.stream : undefined;
      const { incarnation, session } = hello;
      if (older !== undefined) this.#step(older, { kind: 'replaced' });
      this.#known = { incarnation, session, isLive: true, stream };
    }
    stream.helloRows = new Map(hello.held.map((claim) => [claim.placement, claim.version]));
    const proven = provenClaims(fleet.uid, hello.held, macRow);
    this.#step(stream, { kind: 'hello', hello, proven, fence });
  }

  #forget(stream: Stream): void {
    this.#streams.delete(stream);
    if (this.#known?.stream === stream) this.#known = { ...this.#known, isLive: false };
  }
}

/** What must hold for every delta that leaves a hub. */
function checkDelta(stream: Stream, frame: Extract<HubFrame, { readonly kind: 'delta' }>): void {
  stream.unacknowledged += 1;
  assert(stream.unacknowledged === 1, 'at most one delta is unacknowledged on a stream');
  for (const row of [...frame.delta.upserts, ...frame.delta.removals]) {
    const name = `${row.placement} ${formatVersion(row.version)}`;
    assert(!stream.refused.has(name), `${name} was rejected in this session and must not be sent again`);
    const shown = stream.helloRows.get(row.placement);
    assert(
      shown === undefined || compareVersions(row.version, shown) >= 0,
      `${name} is older than what the agent provably holds`,
    );
    assert(row.cause !== undefined, 'every row has a cause');
  }
}

/** Memory is bounded by the sets, whatever happened before. */
function checkBounds({ state, helloRows }: Stream, desired: readonly Row[]): void {
  const names = new Set([...helloRows.keys(), ...desired.map((row) => row.placement)]);
  assert(state.held.size <= names.size, 'the held set is bounded by Hello and the desired rows');
  assert(state.rejected.size <= desired.length, 'refusals are bounded by the desired rows');
  assert((state.inFlight?.rows.size ?? 0) <= names.size, 'a delta holds each placement once');
}
