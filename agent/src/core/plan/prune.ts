import { digestOf } from '@flotilla/shared/base';
import type { ObjectRef, Reasoned } from '@flotilla/shared/model';
import { formatRef, groupKindKey, objectKey } from '@flotilla/shared/model';
import { type InventoryEntry, type LiveObject, ownershipOf } from '../inventory/index.ts';
import { attemptKey, deleteAttempt } from './attempts.ts';
import type { PlanInput } from './goal.ts';
import type { Blocked, HeldList } from './plan.ts';
import { isProtected, stageOf } from './stages.ts';
import type { DeleteCause, Step } from './step.ts';

/** An assignment of fewer objects has no percentage budget: one of three would be a third. */
const percentFromObjects = 10;
/** How long a stage of deletes waits for finalizers before the next one starts and the rest counts as done. */
export const finalizerWaitMs = 60_000;

/** What is to be done about owned objects that are no longer wanted. */
export interface PrunePlan {
  /** Objects that must be looked at first. */
  readonly reads: readonly ObjectRef[];
  /** Entries that the journal must mark as `pruning` before their delete is sent. */
  readonly toMark: readonly InventoryEntry[];
  /** Deletes and releases of the last stage that has any. */
  readonly steps: readonly Step[];
  /** Entries that are over: gone, or not ours any more. */
  readonly drop: readonly string[];
  readonly held: HeldList | undefined;
  readonly blocked: readonly Blocked[];
  /** Owned objects that are to go and are still there, as far as is known. */
  readonly pruning: number;
  /** How many of them cannot be read now: nothing is known of them, so nothing is done either. */
  readonly unread: number;
  /** Some delete is under way or to be sent; what only waits for a person or long finalizers does not count. */
  readonly isBusy: boolean;
}

/** Why the candidates may go, and whether budgets bind them. */
export interface PruneOrder {
  readonly candidates: readonly InventoryEntry[];
  readonly cause: DeleteCause;
  /** A removal row is exempt from the two budgets, not from the protected kinds. */
  readonly hasBudget: boolean;
}

type Fate =
  | { readonly kind: 'read' }
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

interface Fated {
  readonly entry: InventoryEntry;
  readonly fate: Fate;
}

/** Plans the deletes of a complete goal. Every delete goes to a labelled, applied-by-us object under its live UID. */
export function planPrune(order: PruneOrder, input: PlanInput): PrunePlan {
  const fated = order.candidates.map((entry) => ({ entry, fate: fateOf(entry, input) }));
  const reads = fated.filter((one) => one.fate.kind === 'read').map((one) => one.entry.ref);
  const waiting = fated.flatMap(({ entry, fate }) => (fate.kind === 'waiting' ? [{ entry, fate }] : []));
  const all = fated.filter((one) => one.fate.kind === 'delete');
  const isOpen = isCountOpen(fated, order, input);
  const doomed = isOpen ? all.filter((one) => !isUnmarked(one.entry)) : all;
  const unread = fated.flatMap((one) => (one.fate.kind === 'unread' ? [{ ...one, fate: one.fate }] : []));
  const counted = { doomed: entriesOf(doomed), unread: isOpen ? [] : entriesOf(unread) };
  const { held, permitted } = ruleOn(counted, order, input);
  const heldKeys = new Set(held?.refs.map(objectKey));
  const allowed = doomed.filter((one) => !heldKeys.has(objectKey(one.entry.ref)));
  // A permission holds for all of its list, also for what can only be read later.
  const granted = unread.filter((one) => permitted.has(objectKey(one.entry.ref)));
  const toMark = entriesOf([...allowed, ...granted]).filter((entry) => entry.phase !== 'pruning');
  const releases = fated.filter((one) => one.fate.kind === 'release');
  const going = fated.filter((one) => one.fate.kind === 'going');
  const stage = Math.max(...[...allowed, ...releases, ...going].map((one) => stageOf(one.entry.ref)));
  const now = [...allowed, ...releases].filter((one) => stageOf(one.entry.ref) === stage);
  const stuck = fated.flatMap((one) => (one.fate.kind === 'stuck' ? [one.fate] : []));
  return {
    reads,
    toMark: reads.length > 0 ? [] : toMark,
    steps: reads.length > 0 ? [] : now.flatMap((one) => stepOf(one, order.cause)),
    drop: fated.filter((one) => one.fate.kind === 'over').map((one) => objectKey(one.entry.ref)),
    held,
    blocked: [
      ...unread.map((one) => one.fate.blocked),
      ...stuck.map((one) => one.blocked),
      ...waiting.map((one) => one.fate.blocked),
      ...going.map(({ entry }) => waitingForFinalizers(entry.ref)),
    ],
    pruning: all.length + waiting.length + releases.length + going.length + unread.length,
    unread: unread.length,
    isBusy:
      reads.length + allowed.length + releases.length + going.length + waiting.length > 0 ||
      stuck.some((one) => one.isOpen),
  };
}

/** Releases everything: a removal row that orphans. */
export function planOrphan(candidates: readonly InventoryEntry[], input: PlanInput): PrunePlan {
  const fated = candidates.map((entry) => ({ entry, fate: orphanFate(entry, input) }));
  const reads = fated.filter((one) => one.fate.kind === 'read').map((one) => one.entry.ref);
  const releases = fated.filter((one) => one.fate.kind === 'release');
  const stuck = fated.flatMap(({ fate }) => (fate.kind === 'stuck' || fate.kind === 'unread' ? [fate] : []));
  return {
    reads,
    toMark: [],
    steps: reads.length > 0 ? [] : releases.flatMap((one) => stepOf(one, { kind: 'removal' })),
    drop: fated.filter((one) => one.fate.kind === 'over').map((one) => objectKey(one.entry.ref)),
    held: undefined,
    blocked: stuck.map((one) => one.blocked),
    pruning: releases.length,
    unread: stuck.filter((one) => one.kind === 'unread').length,
    isBusy: reads.length + releases.length + stuck.length > 0,
  };
}

function fateOf(entry: InventoryEntry, input: PlanInput): Fate {
  const key = objectKey(entry.ref);
  const sight = input.live.get(key);
  if (sight === undefined) return { kind: 'read' };
  if (sight.kind === 'absent') return { kind: 'over' };
  if (sight.kind === 'unreadable') return unreadFate(entry.ref, sight.reason, input);
  const live = sight.object;
  const ownership = ownershipOf(live, input.policy.placement, input.policy.setId);
  // Only a member may be deleted. Whatever else carries the name now was released, taken over or made by others.
  if (ownership !== 'member' || live.uid !== entry.uid) return { kind: 'over' };
  if (live.isDeleting) return goingFate(entry, sight.deletingSinceMs, input.nowMs);
  const failure = input.attempts.failures.get(attemptKey({ key, hash: deleteAttempt }));
  if (failure !== undefined) {
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

/** What went with its kind stays tracked, in case the kind comes back with it, but nothing waits for that. */
function unreadFate(ref: ObjectRef, reason: Reasoned, input: PlanInput): Fate {
  const blocked = { ...reason, isFinal: false, ref };
  const isGone = input.scope.unserved.has(groupKindKey(ref));
  return isGone ? { kind: 'stuck', isOpen: false, blocked } : { kind: 'unread', blocked };
}

function orphanFate(entry: InventoryEntry, input: PlanInput): Fate {
  const fate = fateOf(entry, { ...input, policy: { ...input.policy, handOverPending: new Map() } });
  if (fate.kind === 'delete') return { kind: 'release', live: fate.live };
  return fate.kind === 'going' ? { kind: 'over' } : fate;
}

function goingFate(entry: InventoryEntry, sinceMs: number | undefined, nowMs: number): Fate {
  if (sinceMs === undefined || nowMs < sinceMs + finalizerWaitMs) return { kind: 'going' };
  return { kind: 'stuck', isOpen: false, blocked: waitingForFinalizers(entry.ref) };
}

/** Owned objects that are to go, and those that are to go too if they still live. */
interface Leftovers {
  readonly doomed: readonly InventoryEntry[];
  readonly unread: readonly InventoryEntry[];
}

interface Ruling {
  readonly held: HeldList | undefined;
  /** Keys of the list that a person allowed. */
  readonly permitted: ReadonlySet<string>;
}

/**
 * What budgets and protected kinds hold back, unless exactly that list was allowed. What is marked was allowed before.
 * A budget counts what cannot be read now like everything else: it goes as soon as it can be read.
 */
function ruleOn(leftovers: Leftovers, order: PruneOrder, input: PlanInput): Ruling {
  const fresh = leftovers.doomed.filter(isUnmarked);
  const unread = leftovers.unread.filter(isUnmarked);
  const all = [...fresh, ...unread];
  const overBudget = order.hasBudget ? budgetReason(all.length, unread.length, input) : undefined;
  const entries = overBudget === undefined ? fresh.filter((entry) => isProtected(entry.ref)) : all;
  if (entries.length === 0) return { held: undefined, permitted: new Set() };
  const listHash = digestOf(entries.map((entry) => `${objectKey(entry.ref)} ${entry.uid ?? ''}`).sort());
  if (listHash === input.policy.permittedPrune)
    return { held: undefined, permitted: new Set(entries.map((entry) => objectKey(entry.ref))) };
  const kinds = [...new Set(entries.map((entry) => entry.ref.kind))].sort().join(', ');
  const reason = overBudget ?? `deleting ${kinds} takes other things with it`;
  return { held: { listHash, refs: entries.map((entry) => entry.ref), reason }, permitted: new Set() };
}

/** What waits may turn out to move instead of going: a budget that hangs on it is not judged before that is known. */
function isCountOpen(fated: readonly Fated[], order: PruneOrder, input: PlanInput): boolean {
  const open = fated.filter(({ entry, fate }) =>
    fate.kind === 'delete' || fate.kind === 'unread' ? isUnmarked(entry) : fate.kind === 'waiting',
  );
  const isWaiting = fated.some((one) => one.fate.kind === 'waiting');
  return order.hasBudget && isWaiting && budgetReason(open.length, 0, input) !== undefined;
}

function entriesOf(fated: readonly Fated[]): readonly InventoryEntry[] {
  return fated.map((one) => one.entry);
}

function isUnmarked(entry: InventoryEntry): boolean {
  return entry.phase !== 'pruning';
}

function budgetReason(count: number, unread: number, input: PlanInput): string | undefined {
  const hidden = unread === 0 ? '' : ` (${unread} of them cannot be read now)`;
  const { maxObjects, maxPercent } = input.policy.prune;
  const owned = input.inventory.entries.size;
  if (count > maxObjects)
    return `${count} objects${hidden} would be deleted, more than prune.maxObjects ${maxObjects}`;
  if (owned >= percentFromObjects && count * 100 > maxPercent * owned)
    return `${count} of ${owned} objects${hidden} would be deleted, more than prune.maxPercent ${maxPercent}`;
  return undefined;
}

function stepOf({ fate }: Fated, cause: DeleteCause): readonly Step[] {
  if (fate.kind !== 'delete' && fate.kind !== 'release') return [];
  const { ref, key, uid, resourceVersion } = fate.live;
  const target = { ref, key, uid, resourceVersion };
  return [fate.kind === 'delete' ? { kind: 'delete', ...target, cause } : { kind: 'release', ...target }];
}

function waitingForFinalizers(ref: ObjectRef): Blocked {
  const subject = formatRef(ref);
  const text = `${subject} is being deleted and waits for its finalizers`;
  return { code: 'WaitingForFinalizers', text, subject, isFinal: false, ref };
}
