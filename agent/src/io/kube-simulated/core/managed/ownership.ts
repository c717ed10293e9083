import type { Comparison, FieldSet } from '../fields/index.ts';
import {
  compareValues,
  difference,
  emptySet,
  fieldsOf,
  intersection,
  isEmptySet,
  mergeValues,
  removeFields,
  union,
  withNamedFields,
} from '../fields/index.ts';
import type { SchemaType } from '../schema/index.ts';
import type { Value, ValueObject } from '../values.ts';
import { isEqual, isObject } from '../values.ts';
import type { ManagerEntry, ManagerId, Managers } from './managed-fields.ts';
import { managerKey, unownedFields } from './managed-fields.ts';

/** Fields of one manager that an apply would take. */
export interface ManagerConflict {
  readonly manager: ManagerEntry;
  readonly fields: FieldSet;
}

/** What an apply comes to: the merged object and who owns what then, or the conflicts that forbid it. */
export type ApplyOutcome =
  | { readonly kind: 'merged'; readonly object: ValueObject; readonly managers: Managers }
  | { readonly kind: 'conflicts'; readonly conflicts: readonly ManagerConflict[] };

/** One apply: everything without managedFields. */
export interface ApplyInput {
  readonly live: ValueObject;
  readonly applied: ValueObject;
  readonly managers: Managers;
  readonly manager: ManagerId;
  readonly type: SchemaType;
  /** Fields that this kind of request neither writes nor owns (status on the main resource, all else on status). */
  readonly withoutIgnored: (set: FieldSet) => FieldSet;
  readonly isForced: boolean;
  readonly time: string;
}

/**
 * Server-side apply (KEP-555, structured-merge-diff): merge, drop what this manager applied before and no longer
 * states unless somebody else owns it, then compare with the live object to find conflicts.
 */
export function applyFields(input: ApplyInput): ApplyOutcome {
  const key = managerKey(input.manager);
  const last = input.managers.get(key);
  const stated = input.withoutIgnored(fieldsOf(input.applied, input.type));
  const managers = new Map(input.managers);
  const fields = difference(stated, unownedFields);
  // What is stated counts whole while pruning: an object may not lose its name because nobody owns it.
  managers.set(key, { ...input.manager, fields: stated, time: last?.time });
  const merged = asObject(mergeValues(input.live, input.applied, input.type));
  const object =
    last === undefined ? merged : prune({ merged, managers, last: last.fields, type: input.type });
  const changes = ignoring(compareValues(input.live, object, input.type), input.withoutIgnored);
  const conflicts = conflictsOf(managers, key, changes);
  if (!input.isForced && conflicts.length > 0) return { kind: 'conflicts', conflicts };
  const settled = withoutTaken(managers, key, conflicts, changes.removed);
  // An apply that changes no value keeps its time: only its fields may differ then.
  const time = isEqual(input.live, object) ? last?.time : input.time;
  if (isEmptySet(fields)) settled.delete(key);
  else settled.set(key, { ...input.manager, fields, time });
  return { kind: 'merged', object, managers: settled };
}

/** One plain write: the new object is already made. */
export interface UpdateInput {
  readonly live: ValueObject;
  readonly next: ValueObject;
  readonly managers: Managers;
  readonly manager: ManagerId;
  readonly type: SchemaType;
  readonly withoutIgnored: (set: FieldSet) => FieldSet;
  readonly time: string;
}

/** Who owns what after a write that is no apply: the writer takes what it changed, everybody loses what is gone. */
export function updateOwners(input: UpdateInput): Managers {
  const key = managerKey(input.manager);
  const changes = ignoring(compareValues(input.live, input.next, input.type), input.withoutIgnored);
  const conflicts = conflictsOf(input.managers, undefined, changes);
  const managers = withoutTaken(new Map(input.managers), undefined, conflicts, changes.removed);
  const taken = difference(input.withoutIgnored(union(changes.modified, changes.added)), unownedFields);
  if (isEmptySet(taken)) return managers;
  const before = managers.get(key)?.fields ?? emptySet;
  // The scale subresource writes no time (pkg/registry/apps: its managed fields are converted without one).
  const time = input.manager.subresource === 'scale' ? undefined : input.time;
  managers.set(key, { ...input.manager, fields: union(before, taken), time });
  return managers;
}

interface PruneInput {
  readonly merged: ValueObject;
  readonly managers: Managers;
  readonly last: FieldSet;
  readonly type: SchemaType;
}

/** Drops what was applied last time and is not now, except what another manager (or this apply) owns or nobody did. */
function prune(input: PruneInput): ValueObject {
  const { merged, type } = input;
  const named = (set: FieldSet) => withNamedFields(set, type);
  const last = named(input.last);
  const bare = asObject(removeFields(merged, last, type));
  const owned = [...input.managers.values()].reduce((set, entry) => union(set, entry.fields), emptySet);
  const inMerged = named(fieldsOf(merged, type));
  const isKept = union(named(fieldsOf(bare, type)), named(owned));
  const withOwned = asObject(removeFields(merged, difference(inMerged, isKept), type));
  const gone = difference(inMerged, named(fieldsOf(withOwned, type)));
  return asObject(removeFields(merged, intersection(gone, last), type));
}

function conflictsOf(
  managers: Managers,
  self: string | undefined,
  changes: Comparison,
): readonly ManagerConflict[] {
  const changed = union(changes.modified, changes.added);
  return [...managers]
    .filter(([key]) => key !== self)
    .map(([, manager]) => ({ manager, fields: intersection(manager.fields, changed) }))
    .filter((conflict) => !isEmptySet(conflict.fields));
}

function withoutTaken(
  managers: ReadonlyMap<string, ManagerEntry>,
  self: string | undefined,
  conflicts: readonly ManagerConflict[],
  removed: FieldSet,
): Map<string, ManagerEntry> {
  const left = new Map<string, ManagerEntry>();
  for (const [key, entry] of managers) {
    const taken = conflicts.find((conflict) => conflict.manager === entry)?.fields ?? emptySet;
    const fields = key === self ? entry.fields : difference(difference(entry.fields, taken), removed);
    if (!isEmptySet(fields)) left.set(key, { ...entry, fields });
  }
  return left;
}

function ignoring(changes: Comparison, withoutIgnored: (set: FieldSet) => FieldSet): Comparison {
  return {
    added: withoutIgnored(changes.added),
    modified: withoutIgnored(changes.modified),
    removed: withoutIgnored(changes.removed),
  };
}

/** An object from which everything was taken is an empty one. */
function asObject(value: Value | undefined): ValueObject {
  return isObject(value) ? value : {};
}
