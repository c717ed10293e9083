import { createHmac, X509Certificate } from 'node:crypto';
import {
  type AssignmentListener,
  type AssignmentListenerOptions,
  startAssignmentListener,
} from '@flotilla/hub/io/grpc';
import type { AgentStream } from '@flotilla/hub/ports';
import {
  type SeenCluster,
  type SessionEvidence,
  type Sessions,
  type SessionWorld,
  startSessions,
} from '@flotilla/hub/sessions';
import {
  type ClusterName,
  type ClusterUid,
  type Digest,
  err,
  type HubId,
  ok,
  seededRandom,
} from '@flotilla/shared/base';
import { decodeHubFrame } from '@flotilla/shared/codec';
import { createMetrics, silentLogger } from '@flotilla/shared/kit';
import { type ManualClock, manualClock } from '@flotilla/shared/kit/manual-clock';
import type { Report, Row } from '@flotilla/shared/model';
import { formatVersion } from '@flotilla/shared/model';
import type { Identity, TestCa } from '../raw/certificates.ts';
import { rowKey, scriptUid } from '../raw/rows.ts';
import type { WireRow } from '../scripts/frames.ts';
import { delta, scriptHubId } from '../scripts/frames.ts';
import type { HubChange } from '../scripts/hub-script.ts';
import { Taken } from './counted.ts';

/** A real hub end (listener and sessions) over a world that a script holds in its hands. */
export interface HubEnd {
  readonly port: number;
  readonly clock: ManualClock;
  readonly sessions: Sessions;
  /** What the sessions told their world, as short lines. */
  readonly told: readonly string[];
  /** Frames that the sessions have taken from agents. */
  readonly taken: Taken;
  change(change: HubChange): void;
  readonly setTls: AssignmentListener['setTls'];
  close(): Promise<void>;
}

/** The world of one cluster, as a script sets it. */
class ScriptWorld implements SessionWorld {
  readonly hubId = scriptHubId as HubId;
  readonly hubVersion = '0.1.0';
  readonly told: string[] = [];
  readonly #stop: () => void;
  readonly #listeners = new Set<(rowsOf: readonly ClusterUid[] | undefined) => void>();
  #state: Required<Omit<HubChange, 'rows' | 'report' | 'stop'>> = {
    ready: true,
    registered: true,
    folded: 100,
    logEnd: 100,
  };
  #rows: readonly Row[] = [];
  #report: HubChange['report'];

  constructor(stop: () => void) {
    this.#stop = stop;
  }

  change({ rows, report, stop, ...state }: HubChange): void {
    this.#state = { ...this.#state, ...state };
    this.#report = report ?? this.#report;
    this.#rows = rows === undefined ? this.#rows : rowsOf(rows);
    if (stop) this.#stop();
    const isRowsOnly = rows !== undefined && Object.keys(state).length === 0;
    for (const listener of this.#listeners) listener(isRowsOnly ? [uid] : undefined);
  }

  readiness(): ReturnType<SessionWorld['readiness']> {
    return this.#state.ready ? { kind: 'ready' } : { kind: 'not-ready', reason: 'the script says so' };
  }
  epoch = () => 1;
  foldedSeq = () => this.#state.folded;
  isLogged = () => undefined;
  readLogEnd = async () => this.#state.logEnd;
  desiredRows = () => this.#rows;
  clusters = () => (this.#state.registered ? [uid] : []);
  rejections = () => [];
  foldedReport = () => this.#report;
  onceHeard = () => [];
  macRow = (input: string) => createHmac('sha256', rowKey).update(input).digest('hex') as Digest;
  onHubHealth = () => {};

  cluster(): ReturnType<SessionWorld['cluster']> {
    return this.#state.registered ? { name: 'eu-1' as ClusterName, labels: { region: 'eu' } } : undefined;
  }

  async publishReport(_: ClusterUid, report: Report): Promise<void> {
    this.told.push(`report ${report.incarnation}.${report.seq}`);
  }

  onChange(listener: (rowsOf: readonly ClusterUid[] | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onEvidence(_: ClusterUid, evidence: SessionEvidence): void {
    if (evidence.kind === 'alarm') this.told.push(`alarm ${evidence.code}`);
    if (evidence.kind === 'held') this.told.push(`held ${evidence.rows.map(nameOf).join()}`);
    if (evidence.kind === 'rejected') {
      this.told.push(`rejected ${evidence.rows.map((row) => `${nameOf(row)} ${row.code}`).join()}`);
    }
  }

  onPresence(_: ClusterUid, seen: SeenCluster): void {
    this.told.push(`presence ${seen.presence}`);
  }
}

const uid = scriptUid as ClusterUid;

/** Answers renewals in a way that a test can recognise. */
const renew: AssignmentListenerOptions['renew'] = async (peer, call) =>
  call.natsUserKey === 'refuse'
    ? err({ code: 'KEY_REVOKED', text: `key of ${peer.uid} was replaced`, retryAfterMs: 7_000 })
    : ok({
        certificateChain: [Buffer.from('leaf'), Buffer.from('ca')],
        caBundle: [Buffer.from('root')],
        natsUserJwt: `jwt of ${peer.uid} for ${call.natsUserKey}`,
        natsUrls: ['tls://bus:4222'],
      });

/** Starts one. */
export async function startHubEnd(
  ca: TestCa,
  server: Identity,
  options: {
    readonly start?: HubChange | undefined;
    readonly streamsPerSecond?: number | undefined;
    readonly judgePeer?: (peer: { readonly serial: string }) => string | undefined;
    /** Any free one unless said. */
    readonly port?: number;
  } = {},
): Promise<HubEnd> {
  const clock = manualClock();
  const stop = new AbortController();
  const world = new ScriptWorld(() => stop.abort());
  world.change(options.start ?? {});
  const listener: AssignmentListener = await startAssignmentListener({
    host: '127.0.0.1',
    port: options.port ?? 0,
    tls: { ...server, caPem: ca.caPem },
    readPeer: readScriptPeer,
    ...(options.judgePeer === undefined ? {} : { judgePeer: options.judgePeer }),
    renew,
    log: silentLogger,
  });
  const taken = new Taken();
  const sessions = startSessions(
    {
      listener: { streams: counted(listener.streams, taken) },
      world,
      clock,
      random: seededRandom(5),
      log: silentLogger,
      metrics: createMetrics(),
      ...(options.streamsPerSecond === undefined ? {} : { streamsPerSecond: options.streamsPerSecond }),
    },
    stop.signal,
  );
  return {
    port: listener.port,
    clock,
    sessions,
    told: world.told,
    taken,
    change: (change) => world.change(change),
    setTls: listener.setTls,
    async close() {
      stop.abort();
      await clock.advance(15_000);
      await listener.close(100);
      await clock.advance(15_000);
      await sessions.ended;
    },
  };
}

/** The same streams, their frames counted. */
async function* counted(streams: AsyncIterable<AgentStream>, taken: Taken): AsyncGenerator<AgentStream> {
  for await (const stream of streams) {
    yield {
      peer: stream.peer,
      remoteAddress: stream.remoteAddress,
      frames: taken.over(stream.frames),
      send: (frame, signal) => stream.send(frame, signal),
      close: () => stream.close(),
    };
  }
}

function nameOf(row: {
  readonly placement: string;
  readonly version: { readonly epoch: number; readonly seq: number };
}) {
  return `${row.placement}@${formatVersion(row.version)}`;
}

/** Wire rows of a script in the hub's own words. */
function rowsOf(rows: readonly WireRow[]): readonly Row[] {
  const frame = decodeHubFrame(delta(1n, rows));
  if (!frame.ok || frame.value?.kind !== 'delta' || frame.value.delta.malformed.length > 0) {
    throw new Error(`a script's rows decode: ${JSON.stringify(frame)}`);
  }
  const { upserts, removals } = frame.value.delta;
  return [...upserts, ...removals].sort((left, right) => (left.placement < right.placement ? -1 : 1));
}

/** The rule of 1.1, for the trust domain of the scripts. */
function readScriptPeer(der: Uint8Array) {
  const names = new X509Certificate(der).subjectAltName ?? '';
  const uid = /^URI:spiffe:\/\/fleet\.test\/cluster\/([a-z2-7]{26})$/.exec(names)?.[1];
  if (uid === undefined) return err(`the certificate names ${names}`);
  return ok({ uid: uid as ClusterUid, keyHash: '', serial: '' });
}
