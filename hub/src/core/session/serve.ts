import type { PlacementName } from '@flotilla/shared/base';
import type { RejectedRow, Row } from '@flotilla/shared/model';
import { compareVersions, streamTimes } from '@flotilla/shared/model';
import { withRejected } from './answer.ts';
import { judgeClaims, unknownPlacements, withLost } from './claims.ts';
import { welcomeOf } from './greet.ts';
import { knownDigest, nextChunk, outstandingRows, type RejectedEntry, retryAtMs } from './outstanding.ts';
import type { AgentPeer, HubSessionOutput, HubSessionState, HubView } from './state.ts';
import { andThen, refuse, send, type Turn, turn } from './turn.ts';

/**
 * Level-triggered: looks at everything and does what is possible now. Called after every input of a stream whose Hello
 * is taken.
 */
export function advance(state: HubSessionState, view: HubView, nowMs: number): Turn {
  const { phase } = state;
  if (phase.kind !== 'holding' && phase.kind !== 'serving') return turn(state);
  if (view.readiness.kind === 'not-ready') return hush(state, view.readiness.reason);
  if (view.cluster === undefined) {
    return refuse(state, { code: 'NOT_REGISTERED', text: 'this cluster is not registered with this hub' });
  }
  const known = { ...view, cluster: view.cluster };
  if (view.report !== undefined && view.report.incarnation > phase.peer.incarnation) {
    return refuseOlder(state, view.report.incarnation, known);
  }
  if (phase.kind === 'holding') return admit(state, phase.peer, { view: known, nowMs });
  return sendOutstanding(speakAgain(state), view, nowMs);
}

/** After NotReady the agent waits for a word on its set, even if nothing has changed. */
function speakAgain(state: HubSessionState): HubSessionState {
  return state.hushed === undefined ? state : { ...state, hushed: undefined, isComplete: false };
}

type KnownClusterView = HubView & { readonly cluster: NonNullable<HubView['cluster']> };

/** A report of a newer incarnation was folded: what this stream's agent reports would be dropped as older. */
function refuseOlder(state: HubSessionState, incarnation: number, view: KnownClusterView): Turn {
  const text = `a report of incarnation ${incarnation} is known; this stream is older`;
  const refused = refuse(state, { code: 'FENCED', text });
  if (state.phase.kind !== 'holding') return refused;
  return { state: refused.state, outputs: [send(welcomeOf(view, incarnation)), ...refused.outputs] };
}

/** holding → serving, once nothing that the agent provably holds is news to this process. */
function admit(
  state: HubSessionState,
  peer: AgentPeer,
  { view, nowMs }: { readonly view: KnownClusterView; readonly nowMs: number },
): Turn {
  const verdict = judgeClaims(state.held, view);
  if (verdict.kind === 'log-lost') {
    return andThen(raiseLogLost(state, verdict.text), (current) => hush(current, logLostReason));
  }
  if (verdict.kind === 'behind') return waitForFold(state, verdict.seq, view.foldedSeq);
  const serving: HubSessionState = {
    ...state,
    phase: { kind: 'serving', peer },
    held: withLost(state.held, view),
    hushed: undefined,
    isLogLost: false,
    behindSeq: 0,
  };
  return andThen(
    turn(serving, ...raiseUnknown(state, view), send(welcomeOf(view, peer.incarnation))),
    (current) => sendOutstanding(current, view, nowMs),
  );
}

const logLostReason =
  'the decision log was lost, shortened or forked: this hub speaks again when that is written down';

/** The agent holds rows that are not folded here: either this process lags, or the log lost them. Its end tells. */
function waitForFold(state: HubSessionState, seq: number, foldedSeq: number): Turn {
  const asked =
    state.behindSeq === seq ? turn(state) : turn({ ...state, behindSeq: seq }, { kind: 'read-log-end' });
  const reason = state.isLogLost
    ? logLostReason
    : `folded up to ${foldedSeq}; the agent holds a row of ${seq}`;
  return andThen(asked, (current) => hush(current, reason));
}

function raiseLogLost(state: HubSessionState, text: string): Turn {
  if (state.isLogLost) return turn(state);
  const proven = [...state.held.values()].filter((entry) => entry.isProven);
  const epoch = Math.max(0, ...proven.map((entry) => entry.version.epoch));
  const lost = { kind: 'raise', code: 'LogLost', text, epoch } as const;
  return turn({ ...state, isLogLost: true, hushed: undefined }, lost);
}

function raiseUnknown(state: HubSessionState, view: HubView): readonly HubSessionOutput[] {
  const unknown = unknownPlacements(state.held, view.desired);
  if (unknown.length === 0) return [];
  const text = `no decision is known for what the agent holds: ${unknown.slice(0, 5).join(', ')}`;
  return [{ kind: 'raise', code: 'RowUnknown', text }];
}

/** Says once that this process cannot speak; heartbeat time repeats it with the newest reason. */
function hush(state: HubSessionState, reason: string): Turn {
  const hushed = { ...state, hushed: reason };
  return state.hushed === undefined ? turn(hushed, notReady(reason)) : turn(hushed);
}

/** The frame that asks an agent to wait. */
export function notReady(reason: string): HubSessionOutput {
  return send({ kind: 'not-ready', retryAfterMs: streamTimes.notReadyRetryMs, reason });
}

/** The log's end was read for a stream whose agent holds rows that are not folded here. */
export function takeLogEnd(state: HubSessionState, seq: number): Turn {
  if (state.phase.kind !== 'holding' || state.behindSeq <= seq) return turn(state);
  const text = `the agent holds a row of ${state.behindSeq}; the decision log ends at ${seq}`;
  return raiseLogLost(state, text);
}

/** Sends the next delta, or says that nothing is unsent. At most one delta is unacknowledged: newer state waits in `desired`. */
function sendOutstanding(state: HubSessionState, view: HubView, nowMs: number): Turn {
  if (state.inFlight !== undefined) return turn(state);
  const isRetryDue = (retryAtMs(state) ?? Number.POSITIVE_INFINITY) <= nowMs;
  if (state.isComplete && state.compared === view.desired && !isRetryDue) return turn(state);
  const outstanding = outstandingRows(view.desired, state, nowMs);
  const current: HubSessionState = {
    ...state,
    compared: view.desired,
    rejected: onlyDesired(state.rejected, view.desired),
  };
  if (outstanding.length === 0) return agree(current);
  const chunk = nextChunk(outstanding);
  const refused = refuseTooLarge(current, chunk.tooLarge, nowMs);
  if (chunk.rows.length === 0) return andThen(refused, agree);
  return andThen(refused, (next) => sendDelta(next, chunk, nowMs));
}

function agree(state: HubSessionState): Turn {
  if (state.isComplete) return turn(state);
  const heldDigest = state.heldDigest ?? knownDigest(state.held);
  return turn({ ...state, heldDigest, isComplete: true }, send({ kind: 'agreed', heldDigest }));
}

function sendDelta(
  state: HubSessionState,
  chunk: { readonly rows: readonly Row[]; readonly isAll: boolean },
  nowMs: number,
): Turn {
  const nonce = state.lastNonce + 1;
  const delta = {
    nonce,
    upserts: chunk.rows.filter((row) => row.kind === 'assignment'),
    removals: chunk.rows.filter((row) => row.kind === 'removal'),
    malformed: [],
    isComplete: chunk.isAll,
  };
  const rows = new Map(chunk.rows.map((row) => [row.placement, row]));
  const inFlight = { nonce, rows, isComplete: chunk.isAll, sentAtMs: nowMs };
  return turn({ ...state, lastNonce: nonce, inFlight, isComplete: false }, send({ kind: 'delta', delta }));
}

/** A row that fits no frame is refused in the agent's place, so that the rollout hears of it. */
function refuseTooLarge(state: HubSessionState, rows: readonly Row[], nowMs: number): Turn {
  if (rows.length === 0) return turn(state);
  const rejected = rows.map(
    (row): RejectedRow => ({
      placement: row.placement,
      version: row.version,
      code: 'LIMIT',
      text: 'the row is larger than a frame of the assignment stream: move values and patches into Git',
    }),
  );
  const text = `too large for a frame: ${rejected.map((row) => row.placement).join(', ')}`;
  return turn(
    { ...state, rejected: withRejected(state.rejected, rejected, nowMs) },
    { kind: 'rejected', rows: rejected },
    { kind: 'raise', code: 'RowTooLarge', text },
  );
}

/** Forgets refusals of rows that nobody wants any more, so that memory stays bounded by the set. */
function onlyDesired(
  rejected: ReadonlyMap<PlacementName, RejectedEntry>,
  desired: readonly Row[],
): ReadonlyMap<PlacementName, RejectedEntry> {
  if (rejected.size === 0) return rejected;
  const current = new Map(desired.map((row) => [row.placement, row]));
  const kept = [...rejected].filter(([placement, entry]) => {
    const row = current.get(placement);
    return row !== undefined && compareVersions(row.version, entry.version) === 0;
  });
  return kept.length === rejected.size ? rejected : new Map(kept);
}
