import {
  type SeenCluster,
  type SessionEvidence,
  type Sessions,
  type SessionsOptions,
  type SessionWorld,
  startSessions,
} from '@flotilla/hub/sessions';
import { type ClusterUid, seededRandom } from '@flotilla/shared/base';
import { createMetrics, silentLogger } from '@flotilla/shared/kit';
import { type ManualClock, manualClock } from '@flotilla/shared/kit/manual-clock';
import type { AgentFrame, Report, Row } from '@flotilla/shared/model';
import { claimOf, setDigest } from '@flotilla/shared/model';
import { MemoryAgentListener, MemoryAgentStream } from '../fakes/agent-listener.ts';
import { fleet, macRow } from './fleet.ts';
import { helloOf } from './hub-driver.ts';

/** A stream without a network; of the fleet's one cluster unless said. */
export class MemoryStream extends MemoryAgentStream {
  constructor(peer: ClusterUid = fleet.uid) {
    super(peer);
  }
}

/** A hub process of which a test sets everything. */
export class TestWorld implements SessionWorld {
  readonly hubId = fleet.hubId;
  readonly hubVersion = '0.1.0';
  isReady = true;
  rows: readonly Row[] = [];
  foldedSeqNow = 100;
  logEnds: (number | Error)[] = [];
  uids: readonly ClusterUid[] = [fleet.uid];
  readonly evidence: SessionEvidence[] = [];
  readonly presence: SeenCluster[] = [];
  readonly health: boolean[] = [];
  readonly reports: Report[] = [];
  desiredReads = 0;
  publishing: Promise<void> = Promise.resolve();
  readonly #listeners = new Set<(rowsOf: readonly ClusterUid[] | undefined) => void>();

  readiness(): ReturnType<SessionWorld['readiness']> {
    return this.isReady ? { kind: 'ready' } : { kind: 'not-ready', reason: 'loading' };
  }
  epoch = () => 1;
  foldedSeq = () => this.foldedSeqNow;
  isLogged = () => undefined;
  macRow = macRow;
  clusters = () => this.uids;
  rejections: SessionWorld['rejections'] = () => [];
  foldedReport = (): ReturnType<SessionWorld['foldedReport']> => ({ incarnation: 1, seq: 1 });
  onceHeard: SessionWorld['onceHeard'] = () => this.uids.map((uid) => ({ uid, reportedAtMs: 1 }));
  cluster = (uid: ClusterUid) => (this.uids.includes(uid) ? { name: fleet.name, labels: {} } : undefined);

  async readLogEnd(): Promise<number> {
    const next = this.logEnds.shift() ?? 100;
    if (next instanceof Error) throw next;
    return next;
  }

  desiredRows(): readonly Row[] {
    this.desiredReads += 1;
    return this.rows;
  }

  async publishReport(_: ClusterUid, report: Report): Promise<void> {
    await this.publishing;
    this.reports.push(report);
  }

  onChange(listener: (rowsOf: readonly ClusterUid[] | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  change(rowsOf?: readonly ClusterUid[]): void {
    for (const listener of this.#listeners) listener(rowsOf);
  }

  onEvidence = (_: ClusterUid, evidence: SessionEvidence) => void this.evidence.push(evidence);
  onPresence = (_: ClusterUid, seen: SeenCluster) => void this.presence.push(seen);
  onHubHealth = ({ isImpaired }: { readonly isImpaired: boolean }) => void this.health.push(isImpaired);
}

/** Running sessions in memory. */
export interface RunningHub {
  readonly world: TestWorld;
  readonly clock: ManualClock;
  readonly sessions: Sessions;
  connect(stream: MemoryStream): Promise<void>;
  stop(): Promise<void>;
}

/** Starts sessions over a world; `stop` ends them. */
export function startMemoryHub(
  world = new TestWorld(),
  streamsPerSecond = 10_000,
  gossip?: SessionsOptions['gossip'],
): RunningHub {
  const clock = manualClock();
  const listener = new MemoryAgentListener();
  const controller = new AbortController();
  const sessions = startSessions(
    {
      listener,
      world,
      gossip,
      clock,
      random: seededRandom(1),
      log: silentLogger,
      metrics: createMetrics(),
      streamsPerSecond,
    },
    controller.signal,
  );
  return {
    world,
    clock,
    sessions,
    async connect(stream) {
      listener.connect(stream);
      await clock.advance(0);
    },
    async stop() {
      controller.abort();
      await clock.advance(15_000);
      await sessions.ended;
    },
  };
}

/** Opens a stream and says Hello on it. */
export async function greeted(hub: RunningHub, stream: MemoryStream, session = 1, held: readonly Row[] = []) {
  await hub.connect(stream);
  stream.frames.push(helloOf(held, { session }));
  await hub.clock.advance(0);
}

/** An agent's heartbeat. */
export function beat(seq = 0, rows: readonly Row[] = []): AgentFrame {
  return { kind: 'heartbeat', heldDigest: setDigest(rows.map(claimOf)), reportSeq: seq };
}
