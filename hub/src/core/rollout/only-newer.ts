import type { ClusterUid, Digest } from '@flotilla/shared/base';
import { type Json, stableJson } from '@flotilla/shared/base';
import type { Reasoned, RolloutStrategy } from '@flotilla/shared/model';
import type { HoldSpec } from '../fleet-spec/index.ts';
import type { DesiredPlacement } from './evidence.ts';
import type { RolloutState } from './state.ts';
import type { DesiredRelease } from './wanted.ts';

/** A placement as the last look at it left it. */
export interface Rested {
  readonly state: RolloutState;
  readonly desired: DesiredPlacement;
  readonly notes: readonly Reasoned[];
}

/**
 * Whether a newer commit asks of a placement at rest what was asked before: then there is nothing to decide. At rest is one of
 * which nothing moves, waits, or was stopped by a person, so that no decision speaks of the commit; and whose last look had
 * nothing to say.
 */
export function isOnlyNewer({ desired, notes, state }: Rested, after: DesiredPlacement): boolean {
  if (desired.kind !== 'release' || after.kind !== 'release') return false;
  return notes.length === 0 && isAtRest(state) && isSameWish(desired, after);
}

/** A placement with what its last look said. */
export interface Looked extends Rested {
  readonly held?: ReadonlyMap<ClusterUid, Reasoned> | undefined;
}

/**
 * Whether what the rules for all placements say, change windows and the caps on change, is nothing to a placement: it is at
 * rest, knows what is wanted, and neither it nor one of its clusters waits for anything.
 */
export function isBeyondRules({ desired, held, notes, state }: Looked): boolean {
  return desired.kind !== 'unresolved' && notes.length + (held?.size ?? 0) === 0 && isAtRest(state);
}

function isAtRest(state: RolloutState): boolean {
  const { aborted, active, held, kept, rejected, urgent, withdraw } = state;
  const isStopped = rejected !== undefined || aborted !== undefined || kept !== undefined;
  const isBusy = active !== undefined || withdraw !== undefined || held !== undefined;
  return !isStopped && !isBusy && urgent === undefined && state.skipped.size + state.approved.size === 0;
}

function isSameWish(before: DesiredRelease, after: DesiredRelease): boolean {
  return (
    before.release.digest === after.release.digest &&
    before.blocked.size + after.blocked.size === 0 &&
    isPlain(before) &&
    isPlain(after) &&
    isSameTargets(before.targets, after.targets) &&
    isSameRest(before, after)
  );
}

/** Rules that look at facts, pick clusters or hand objects over rest on more than what is compared here. */
function isPlain({ heirs, kept, pickedFrom, previous }: DesiredRelease): boolean {
  return (heirs?.length ?? 0) + (kept?.size ?? 0) === 0 && pickedFrom === undefined && previous === undefined;
}

/** What else decisions rest on; all of it is plain data. */
function isSameRest(before: DesiredRelease, after: DesiredRelease): boolean {
  return (
    before.bounds.joinMax === after.bounds.joinMax &&
    before.bounds.withdrawMax === after.bounds.withdrawMax &&
    before.onNewRevision === after.onNewRevision &&
    before.onUnmatch === after.onUnmatch &&
    isSameData(before.hold, after.hold) &&
    isSameData(before.strategy, after.strategy)
  );
}

/** A rule that stands where it stood is the same object; what was parsed again may still say the same. */
function isSameData(before: HoldSpec | RolloutStrategy | undefined, after: typeof before): boolean {
  return before === after || jsonOf(before) === jsonOf(after);
}

function jsonOf(data: HoldSpec | RolloutStrategy | undefined): string {
  return stableJson((data ?? null) as unknown as Json);
}

function isSameTargets(
  before: ReadonlyMap<ClusterUid, Digest>,
  after: ReadonlyMap<ClusterUid, Digest>,
): boolean {
  if (before === after) return true;
  if (before.size !== after.size) return false;
  for (const [uid, digest] of before) if (after.get(uid) !== digest) return false;
  return true;
}
