import type { ObjectRef, Reasoned } from '@flotilla/shared/model';
import { formatRef, groupKindKey, objectKey } from '@flotilla/shared/model';
import { type InventoryEntry, type LiveObject, ownershipOf } from '../inventory/index.ts';
import { attemptKey, deleteAttempt } from './attempts.ts';
import type { PlanInput } from './goal.ts';
import type { Blocked } from './plan.ts';

/** How long a stage of deletes waits for finalizers before the next one starts and the rest counts as done. */
export const finalizerWaitMs = 60_000;

/** What one owned object that is no longer wanted comes to. */
export type Fate =
  | { readonly kind: 'read' }
  /** Its kind is not served; whether that is for good has to be asked. */
  | { readonly kind: 'ask' }
  /** Gone, or not ours any more. */
  | { readonly kind: 'over' }
  /** May live; the reason why it cannot be read is shown. */
  | { readonly kind: 'unread'; readonly blocked: Blocked }
  /** Stays tracked; the reason is shown. `isOpen`: the prune is not done because of it. */
  | { readonly kind: 'stuck'; readonly blocked: Blocked; readonly isOpen: boolean }
  /** Another assignment may take it over: until that is known it is neither deleted nor released. */
  | { readonly kind: 'waiting'; readonly blocked: Blocked }
  | { readonly kind: 'going' }
  | { readonly kind: 'release'; readonly live: LiveObject }
  | { readonly kind: 'delete'; readonly live: LiveObject };

/** The fate of an object that is to be deleted. */
export function fateOf(entry: InventoryEntry, input: PlanInput): Fate {
  const key = objectKey(entry.ref);
  const sight = input.live.get(key);
  if (sight === undefined) return { kind: 'read' };
  if (sight.kind === 'absent') return { kind: 'over' };
  if (sight.kind === 'unreadable') return unreadFate(entry.ref, sight.reason, input);
  const live = sight.object;
  const ownership = ownershipOf(live, input.policy);
  // Only a member may be deleted. Whatever else carries the name now was released, taken over or made by others.
  if (ownership !== 'member' || live.uid !== entry.uid) return { kind: 'over' };
  if (live.isDeleting) return goingFate(entry, sight.deletingSinceMs, input.nowMs);
  const failure = input.attempts.failures.get(attemptKey({ key, hash: deleteAttempt }));
  if (failure !== undefined) {
    // The server does not know the kind any more, while a watch of before still shows its object.
    if (failure.reason.code === 'KindNotServed') return unreadFate(entry.ref, failure.reason, input);
    const isFinal = failure.severity !== 'passing';
    return { kind: 'stuck', isOpen: true, blocked: { ...failure.reason, isFinal, ref: entry.ref } };
  }
  // Another assignment that wants it finds it released and takes it over; nothing is deleted in between.
  if (live.isKept || input.policy.wantedElsewhere.has(key)) return { kind: 'release', live };
  const pending = input.policy.handOverPending.get(key);
  if (pending !== undefined)
    return { kind: 'waiting', blocked: { ...pending, isFinal: false, ref: entry.ref } };
  return { kind: 'delete', live };
}

/**
 * What cannot be read may live. What went with its kind is over only when that is proven: discovery alone may be one
 * server's memory, and a definition whose versions are not served keeps its objects. Not proven, it stays tracked, but
 * nothing waits for it as long as discovery does not name its kind.
 */
function unreadFate(ref: ObjectRef, reason: Reasoned, input: PlanInput): Fate {
  const groupKind = groupKindKey(ref);
  const isUnserved = input.scope.unserved.has(groupKind);
  // A request may learn it before discovery is read again.
  const mayBeGone = isUnserved || reason.code === 'KindNotServed';
  const isGone = mayBeGone ? input.attempts.gone.get(groupKind) : false;
  if (isGone === undefined) return { kind: 'ask' };
  if (isGone) return { kind: 'over' };
  const blocked = { ...reason, isFinal: false, ref };
  if (!isUnserved) return { kind: 'unread', blocked };
  const text = `${reason.text}, and it is not certain that it is gone for good`;
  return { kind: 'stuck', isOpen: false, blocked: { ...blocked, text } };
}

/** The fate of an object that is to be released. */
export function orphanFate(entry: InventoryEntry, input: PlanInput): Fate {
  const fate = fateOf(entry, { ...input, policy: { ...input.policy, handOverPending: new Map() } });
  if (fate.kind === 'delete') return { kind: 'release', live: fate.live };
  return fate.kind === 'going' ? { kind: 'over' } : fate;
}

function goingFate(entry: InventoryEntry, sinceMs: number | undefined, nowMs: number): Fate {
  if (sinceMs === undefined || nowMs < sinceMs + finalizerWaitMs) return { kind: 'going' };
  return { kind: 'stuck', isOpen: false, blocked: waitingForFinalizers(entry.ref) };
}

/** Says that an object goes, but not yet. */
export function waitingForFinalizers(ref: ObjectRef): Blocked {
  const subject = formatRef(ref);
  const text = `${subject} is being deleted and waits for its finalizers`;
  return { code: 'WaitingForFinalizers', text, subject, isFinal: false, ref };
}
