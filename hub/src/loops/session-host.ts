import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, PlacementName } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';
import type { AgentFrame, Hello, HubFrame } from '@flotilla/shared/model';
import {
  type GossipMessage,
  type HeldClaim,
  type HubSessionOutput,
  type HubView,
  provenClaims,
  rejectedByCluster,
} from '../core/index.ts';
import { ChangedStreams, LogEndReader } from './session-batches.ts';
import type { SessionMetrics } from './session-metrics.ts';
import { SessionPresence } from './session-presence.ts';
import { SessionRegistry } from './session-registry.ts';
import type { SessionStream, StreamHost } from './session-stream.ts';
import type { SessionWorld } from './session-world.ts';

/** What a host is made from. */
export interface SessionHostOptions {
  readonly world: SessionWorld;
  /** Name of this process among the fleet's hub processes. */
  readonly process: string;
  readonly startGraceMs?: number | undefined;
  /** Lets everything else of the process go on; a turn of the event loop unless said. */
  readonly nextTurn?: (() => Promise<unknown>) | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: SessionMetrics;
  /** Keeps work that must end before the process does. */
  readonly track: (work: Promise<void>) => void;
  /** Reads the log's end until it succeeds; undefined when the process is going away. */
  readonly readLogEnd: () => Promise<number | undefined>;
}

/** What the streams of one hub process share: who is who, who is there, and what their machines ask of the process. */
export class SessionHost implements StreamHost {
  readonly clock: Clock;
  readonly log: Logger;
  readonly presence: SessionPresence;
  readonly registry = new SessionRegistry();
  readonly changed: ChangedStreams;
  readonly streams = new Set<SessionStream>();
  /** Why this process must not speak, and in which epoch it was so: a newer one is the answer. */
  #lost: { readonly text: string; readonly epoch: number } | undefined;
  readonly #options: SessionHostOptions;
  readonly #world: SessionWorld;
  readonly #metrics: SessionMetrics;
  readonly #logEnd: LogEndReader;
  readonly #isLogged: HubView['isLogged'];

  constructor(options: SessionHostOptions) {
    this.clock = options.clock;
    this.log = options.log;
    this.#options = options;
    this.#world = options.world;
    this.#metrics = options.metrics;
    this.presence = new SessionPresence(options.world, {
      process: options.process,
      startedMs: options.clock.nowMs(),
      startGraceMs: options.startGraceMs,
    });
    this.changed = new ChangedStreams(options.nextTurn ?? nextTurn);
    this.#isLogged = (seq, eventHash) => options.world.isLogged(seq, eventHash);
    this.#logEnd = new LogEndReader(options.readLogEnd);
  }

  /** Why this process must not speak until the epoch is raised; undefined = it may. */
  get logLost(): string | undefined {
    return this.#lost !== undefined && this.#lost.epoch >= this.#world.epoch() ? this.#lost.text : undefined;
  }

  /** Every row that an agent on a stream of this process provably holds. */
  *held(): Iterable<HeldClaim & { readonly placement: PlacementName }> {
    for (const { state, uid } of this.streams) {
      if (state.phase.kind !== 'holding' && state.phase.kind !== 'serving') continue;
      for (const [placement, { eventHash, isProven, variantDigest, version }] of state.held) {
        if (isProven) yield { cluster: uid, placement, version, variantDigest, eventHash };
      }
    }
  }

  /** A stream begins. */
  begin(stream: SessionStream): void {
    this.streams.add(stream);
    this.#metrics.streams.set(this.streams.size);
  }

  /** What this process knows now. Rows are read when they are first needed after a change. */
  view(stream: SessionStream): HubView {
    const world = this.#world;
    const lost = this.logLost;
    const readiness =
      lost === undefined
        ? world.readiness()
        : { kind: 'not-ready' as const, reason: `decisions are missing from the log: ${lost}` };
    if (readiness.kind === 'ready' && stream.isGreeted) this.#readRows(stream);
    return {
      readiness,
      hubId: world.hubId,
      hubVersion: world.hubVersion,
      epoch: world.epoch(),
      foldedSeq: world.foldedSeq(),
      isLogged: this.#isLogged,
      cluster: world.cluster(stream.uid),
      report: world.foldedReport(stream.uid),
      fleetSize: this.presence.registered,
      desired: stream.desired ?? nothing,
    };
  }

  /** Rows are a function of the decisions folded: without a newer one nothing is read again. */
  #readRows(stream: SessionStream): void {
    if (stream.desired !== undefined) return;
    stream.desired = this.#world.desiredRows(stream.uid);
    stream.desiredSeq = this.#world.foldedSeq();
  }

  greet(stream: SessionStream, hello: Hello): void {
    const world = this.#world;
    this.#metrics.hellos.add();
    const proven = provenClaims(stream.uid, hello.held, (input) => world.macRow(input));
    const nowMs = this.clock.nowMs();
    const fence = this.registry.judge(stream.uid, hello, {
      report: world.foldedReport(stream.uid),
      elsewhere: this.presence.elsewhere(stream.uid, nowMs),
    });
    stream.isGreeted = true;
    stream.step({ kind: 'hello', hello, proven, fence });
    const { kind } = stream.state.phase;
    if (kind !== 'holding' && kind !== 'serving') return;
    this.registry.take(stream, hello)?.step({ kind: 'replaced' });
    this.presence.greeted(stream.uid, hello, nowMs);
    world.onEvidence(stream.uid, {
      kind: 'hello',
      agentVersion: hello.agentVersion,
      kubeSystemUid: hello.kubeSystemUid,
      capabilities: hello.capabilities,
      incarnation: hello.incarnation,
      session: hello.session,
      proven: hello.held.filter((claim) => proven.has(claim.placement)),
    });
  }

  heard(stream: SessionStream, frame: AgentFrame): void {
    if (this.registry.streamOf(stream.uid) !== stream) return;
    const announcedSeq = frame.kind === 'heartbeat' ? frame.reportSeq : undefined;
    this.presence.heard(stream.uid, this.clock.nowMs(), announcedSeq);
  }

  /** Takes what a hub process tells: a stream of this one that is older than one elsewhere has had its day. */
  hear(message: GossipMessage): void {
    const nowMs = this.clock.nowMs();
    this.presence.hear(message, nowMs);
    if (message.process === this.#options.process) return;
    for (const told of message.sightings) {
      if (told.isConnected && this.registry.isOvertaken(told.cluster, told)) {
        this.registry.streamOf(told.cluster)?.step({ kind: 'replaced' });
      }
    }
    for (const [cluster, rows] of rejectedByCluster(message)) {
      this.#world.onEvidence(cluster, { kind: 'rejected', rows, isHearsay: true });
    }
  }

  sent(frame: HubFrame): void {
    if (frame.kind === 'refused') this.#metrics.refused.add(1, { code: frame.code });
    if (frame.kind !== 'delta') return;
    this.#metrics.deltas.add();
    this.#metrics.rowsSent.add(frame.delta.upserts.length + frame.delta.removals.length);
  }

  beatSkipped(): void {
    this.#metrics.beatsSkipped.add();
  }

  perform(
    stream: SessionStream,
    output: Exclude<HubSessionOutput, { readonly kind: 'send' | 'close' }>,
  ): void {
    switch (output.kind) {
      case 'read-log-end':
        this.#options.track(this.#logEnd.ask(stream));
        break;
      case 'publish-report':
        this.#metrics.reportsRelayed.add();
        this.#options.track(
          stream.publish(output.report, (report) =>
            this.#world.publishReport(stream.uid, report, stream.signal),
          ),
        );
        break;
      case 'claims-ignored':
        this.#metrics.claimsIgnored.add(output.count);
        break;
      case 'held':
        this.#metrics.rowsHeld.add(output.rows.length);
        if (output.rows.length > 0) this.#world.onEvidence(stream.uid, output);
        break;
      case 'rejected':
        for (const row of output.rows) this.#metrics.rowsRejected.add(1, { code: row.code });
        this.#world.onEvidence(stream.uid, { ...output, isHearsay: false });
        this.presence.onOwn.tell(stream.uid);
        break;
      case 'raise':
        this.#raise(stream, output);
        break;
      default:
        output satisfies never;
    }
  }

  over(stream: SessionStream): void {
    this.streams.delete(stream);
    this.changed.delete(stream);
    this.#logEnd.delete(stream);
    this.#metrics.streams.set(this.streams.size);
    if (this.registry.release(stream)) this.presence.ended(stream.uid, this.clock.nowMs());
  }

  /** Every stream looks at the world again. */
  touchAll(): void {
    const foldedSeq = this.#world.foldedSeq();
    for (const stream of this.streams) {
      this.changed.add(stream, stream.desiredSeq === foldedSeq ? 'surroundings' : 'rows');
    }
    this.#options.track(this.changed.step());
  }

  #raise(stream: SessionStream, alarm: Extract<HubSessionOutput, { readonly kind: 'raise' }>): void {
    const { code, text } = alarm;
    this.#metrics.alarms.add(1, { code });
    const epoch = alarm.code === 'LogLost' ? alarm.epoch : undefined;
    this.#world.onEvidence(stream.uid, { kind: 'alarm', code, text, epoch });
    const fields = { cluster_uid: stream.uid, code, reason: text };
    if (code !== 'LogLost') {
      this.log.warn('a stream raised an alarm', fields);
      return;
    }
    this.log.error('the decision log lost decisions: no rows are sent until the epoch is raised', fields);
    if (this.logLost !== undefined) return;
    this.#lost = { text, epoch: this.#world.epoch() };
    this.touchAll();
  }
}

/** One array for all, so that nothing looks changed. */
const nothing: HubView['desired'] = [];
