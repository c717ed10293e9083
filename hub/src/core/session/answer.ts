import type { Digest, PlacementName } from '@flotilla/shared/base';
import { shortId } from '@flotilla/shared/base';
import type { Ack, RejectedRow, Row } from '@flotilla/shared/model';
import { compareVersions, memberOf } from '@flotilla/shared/model';
import type { HeldEntry } from './claims.ts';
import { desiredDigest, knownDigest, type RejectedEntry } from './outstanding.ts';
import type { HubSessionOutput, HubSessionState, HubView } from './state.ts';
import { refuse, refuseProtocol, type Turn, turn } from './turn.ts';

/** Takes the answer to the delta in flight: exactly one entry for each of its rows. */
export function takeAck(state: HubSessionState, ack: Ack, nowMs: number): Turn {
  const { inFlight } = state;
  if (inFlight === undefined || ack.nonce !== inFlight.nonce) {
    return refuseProtocol(state, `Ack of ${ack.nonce}; in flight is ${inFlight?.nonce ?? 'nothing'}`);
  }
  const fault = faultOf(ack, inFlight.rows);
  if (fault !== undefined) return refuseProtocol(state, fault);
  const held = new Map(state.held);
  for (const { placement } of ack.accepted) {
    const row = inFlight.rows.get(placement);
    if (row !== undefined) held.set(placement, entryOf(row));
  }
  const next: HubSessionState = {
    ...state,
    held,
    heldDigest: ack.accepted.length === 0 ? state.heldDigest : undefined,
    rejected: withRejected(withoutAccepted(state.rejected, ack), ack.rejected, nowMs),
    inFlight: undefined,
    isComplete: inFlight.isComplete,
    // Compared again: newer state may have come meanwhile.
    compared: undefined,
  };
  const outputs: HubSessionOutput[] = [];
  if (ack.accepted.length > 0) outputs.push({ kind: 'held', rows: ack.accepted });
  if (ack.rejected.length > 0) outputs.push({ kind: 'rejected', rows: ack.rejected });
  return turn(next, ...outputs);
}

function faultOf(ack: Ack, rows: ReadonlyMap<PlacementName, Row>): string | undefined {
  const answered = new Set<PlacementName>();
  for (const { placement, version } of [...ack.accepted, ...ack.rejected]) {
    const row = rows.get(placement);
    if (row === undefined || compareVersions(row.version, version) !== 0) {
      return `Ack names ${placement} at a version that the Delta does not hold`;
    }
    if (answered.has(placement)) return `Ack names ${placement} twice`;
    answered.add(placement);
  }
  const missing = [...rows.keys()].find((placement) => !answered.has(placement));
  return missing === undefined ? undefined : `Ack does not name ${missing}`;
}

/**
 * Anti-entropy. Nothing is in flight, so the agent's digest must be the one we know. If it is not, everything wanted is
 * sent once more; if that does not help, a new Hello must tell what is held.
 */
export function checkDigest(state: HubSessionState, agentDigest: Digest): Turn {
  if (state.phase.kind !== 'serving' || state.inFlight !== undefined) return turn(state);
  const known = state.heldDigest ?? knownDigest(state.held);
  if (known === agentDigest) return turn({ ...state, heldDigest: known });
  if (state.mismatches > 0) {
    const text = `the agent holds ${shortId(agentDigest)}, this stream made it ${shortId(known)}`;
    return refuse(state, { code: 'RETRY', text });
  }
  return turn({
    ...state,
    held: new Map(),
    heldDigest: undefined,
    mismatches: state.mismatches + 1,
    isComplete: false,
    compared: undefined,
  });
}

/** What a heartbeat names as the set that the agent should hold. */
export function wantedDigest(state: HubSessionState, view: HubView): Digest {
  if (state.isComplete && state.inFlight === undefined && state.heldDigest !== undefined) {
    return state.heldDigest;
  }
  return desiredDigest(view.desired, state);
}

function entryOf(row: Row): HeldEntry {
  // The row's own strings: clusters with equal variants share them.
  return {
    version: row.version,
    variantDigest: memberOf(row).variantDigest,
    eventHash: row.proof.eventHash,
    isProven: true,
  };
}

/** Refusals with these added; the newest of each placement counts. */
export function withRejected(
  before: ReadonlyMap<PlacementName, RejectedEntry>,
  rows: readonly RejectedRow[],
  nowMs: number,
): ReadonlyMap<PlacementName, RejectedEntry> {
  if (rows.length === 0) return before;
  const next = new Map(before);
  for (const { placement, version, code } of rows) next.set(placement, { version, code, atMs: nowMs });
  return next;
}

function withoutAccepted(
  before: ReadonlyMap<PlacementName, RejectedEntry>,
  ack: Ack,
): ReadonlyMap<PlacementName, RejectedEntry> {
  if (before.size === 0) return before;
  const next = new Map(before);
  for (const { placement } of ack.accepted) next.delete(placement);
  return next;
}
