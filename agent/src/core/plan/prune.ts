import type { GitId } from '@flotilla/shared/base';
import { digestOf } from '@flotilla/shared/base';
import type { ObjectRef } from '@flotilla/shared/model';
import { groupKindKey, objectKey } from '@flotilla/shared/model';
import type { InventoryEntry } from '../inventory/index.ts';
import { type Fate, fateOf, orphanFate, waitingForFinalizers } from './fate.ts';
import type { PlanInput } from './goal.ts';
import type { Blocked, HeldList } from './plan.ts';
import { isProtected, stageOf } from './stages.ts';
import type { DeleteCause, Step } from './step.ts';
import { uncountedReason } from './unseen-members.ts';

/** An assignment of fewer objects has no percentage budget: one of three would be a third. */
const percentFromObjects = 10;
/** What is to be done about owned objects that are no longer wanted. */
export interface PrunePlan {
  /** What must be learned first: reads, then proofs that kinds are gone. */
  readonly inquiries: readonly Step[];
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

interface Fated {
  readonly entry: InventoryEntry;
  readonly fate: Fate;
}

/** Nothing is to go. */
export const emptyPrune: PrunePlan = {
  inquiries: [],
  toMark: [],
  steps: [],
  drop: [],
  held: undefined,
  blocked: [],
  pruning: 0,
  unread: 0,
  isBusy: false,
};

/** Plans the deletes of what left the render of a content that is wholly applied. */
export function pruneLeftovers(
  commit: GitId,
  candidates: readonly InventoryEntry[],
  input: PlanInput,
): PrunePlan {
  const cause = { kind: 'left-the-render', commit } as const;
  // A budget needs the number of all that is to go: until it can be had, nothing goes.
  const uncounted = uncountedReason(input);
  const all = candidates.map((entry) => objectKey(entry.ref));
  const handOverPending =
    uncounted === undefined
      ? input.policy.handOverPending
      : new Map([...all.map((key) => [key, uncounted] as const), ...input.policy.handOverPending]);
  const policy = { ...input.policy, handOverPending };
  return planPrune({ candidates, cause, hasBudget: true }, { ...input, policy });
}

/** Plans the deletes of a complete goal. Every delete goes to a labelled, applied-by-us object under its live UID. */
export function planPrune(order: PruneOrder, input: PlanInput): PrunePlan {
  const fated = order.candidates.map((entry) => ({ entry, fate: fateOf(entry, input) }));
  const inquiries = inquiriesOf(fated);
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
    inquiries,
    toMark: inquiries.length > 0 ? [] : toMark,
    steps: inquiries.length > 0 ? [] : now.flatMap((one) => stepOf(one, order.cause)),
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
      inquiries.length + allowed.length + releases.length + going.length + waiting.length > 0 ||
      stuck.some((one) => one.isOpen),
  };
}

/** Releases everything: a removal row that orphans. */
export function planOrphan(candidates: readonly InventoryEntry[], input: PlanInput): PrunePlan {
  const fated = candidates.map((entry) => ({ entry, fate: orphanFate(entry, input) }));
  const inquiries = inquiriesOf(fated);
  const releases = fated.filter((one) => one.fate.kind === 'release');
  const stuck = fated.flatMap(({ fate }) => (fate.kind === 'stuck' || fate.kind === 'unread' ? [fate] : []));
  return {
    inquiries,
    toMark: [],
    steps: inquiries.length > 0 ? [] : releases.flatMap((one) => stepOf(one, { kind: 'removal' })),
    drop: fated.filter((one) => one.fate.kind === 'over').map((one) => objectKey(one.entry.ref)),
    held: undefined,
    blocked: stuck.map((one) => one.blocked),
    pruning: releases.length,
    unread: stuck.filter((one) => one.kind === 'unread').length,
    isBusy: inquiries.length + releases.length > 0 || stuck.some((one) => one.kind === 'stuck' && one.isOpen),
  };
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
 * What budgets, protected kinds and doubt about who wants it hold back, unless exactly that list was allowed. What is marked was allowed before.
 * A budget counts what cannot be read now like everything else: it goes as soon as it can be read.
 */
function ruleOn(leftovers: Leftovers, order: PruneOrder, input: PlanInput): Ruling {
  const fresh = leftovers.doomed.filter(isUnmarked);
  const unread = leftovers.unread.filter(isUnmarked);
  const all = [...fresh, ...unread];
  const beyond = beyondLimit(all.length, input);
  const overBudget = beyond ?? (order.hasBudget ? budgetReason(all.length, unread.length, input) : undefined);
  const { handOverDoubted } = input.policy;
  const isDoubted = (entry: InventoryEntry) => handOverDoubted.has(objectKey(entry.ref));
  const entries =
    overBudget === undefined ? fresh.filter((entry) => isProtected(entry.ref) || isDoubted(entry)) : all;
  if (entries.length === 0) return { held: undefined, permitted: new Set() };
  const listHash = digestOf(entries.map((entry) => `${objectKey(entry.ref)} ${entry.uid ?? ''}`).sort());
  if (beyond === undefined && listHash === input.policy.permittedPrune)
    return { held: undefined, permitted: new Set(entries.map((entry) => objectKey(entry.ref))) };
  const reason = overBudget ?? heldReason(entries, input);
  return { held: { listHash, refs: entries.map((entry) => entry.ref), reason }, permitted: new Set() };
}

/** Why a person is asked although there are few. */
function heldReason(entries: readonly InventoryEntry[], { policy }: PlanInput): string {
  const kinds = [...new Set(entries.filter(({ ref }) => isProtected(ref)).map(({ ref }) => ref.kind))].sort();
  if (kinds.length > 0) return `deleting ${kinds.join(', ')} takes other things with it`;
  return entries.map(({ ref }) => policy.handOverDoubted.get(objectKey(ref))).find(Boolean) ?? '';
}

/** The cluster's own bound holds for every order, and whatever a person at the hub allowed. */
function beyondLimit(count: number, { policy }: PlanInput): string | undefined {
  const { deletesLimit } = policy;
  if (deletesLimit === undefined || count <= deletesLimit.max) return undefined;
  return `${count} deletes: ${deletesLimit.text}`;
}

function inquiriesOf(fated: readonly Fated[]): readonly Step[] {
  const refsOf = (kind: Fate['kind']): readonly ObjectRef[] =>
    fated.filter((one) => one.fate.kind === kind).map((one) => one.entry.ref);
  const [refs, doubted] = [refsOf('read'), refsOf('ask')];
  if (refs.length > 0) return [{ kind: 'read-objects', refs }];
  return doubted.length === 0 ? [] : [{ kind: 'prove-gone', kinds: [...new Set(doubted.map(groupKindKey))] }];
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
