import type { ListType, SchemaType } from '../schema/index.ts';
import { typeOfField, untyped } from '../schema/index.ts';
import type { Value } from '../values.ts';
import { isEmptyValue, isEqual } from '../values.ts';
import { fieldElement, listElement } from './elements.ts';
import type { FieldSet } from './field-set.ts';
import { emptySet, fieldSet, isEmptySet, memberSet } from './field-set.ts';
import { fieldOf, itemsOf, keysOfBoth, shapeOf } from './shape.ts';

/** What differs between two values of one type; no path is in two of the sets. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

const nothing: Comparison = { added: emptySet, modified: emptySet, removed: emptySet };

/** Compares an old value with a new one. Absent is undefined; null is a value. */
export function compareValues(old: Value | undefined, next: Value | undefined, type: SchemaType): Comparison {
  const shape = shapeOf(type, old, next);
  // Two empty values are a leaf: that keeps the difference between null, empty and absent.
  if (shape === 'leaf' || (isEmptyValue(old) && isEmptyValue(next))) return compareLeaves(old, next);
  const below = shape === 'fields' ? compareFields(old, next, type) : compareItems(old, next, asList(type));
  return {
    added: marked(below.added, old === undefined),
    modified: below.modified,
    removed: marked(below.removed, next === undefined && old !== undefined),
  };
}

function compareLeaves(old: Value | undefined, next: Value | undefined): Comparison {
  if (old === undefined && next === undefined) return nothing;
  if (old === undefined) return { ...nothing, added: memberSet };
  if (next === undefined) return { ...nothing, removed: memberSet };
  return isEqual(old, next) ? nothing : { ...nothing, modified: memberSet };
}

function compareFields(old: Value | undefined, next: Value | undefined, type: SchemaType): Comparison {
  const parts = createParts();
  for (const key of keysOfBoth(old, next))
    parts.add(
      fieldElement(key),
      compareValues(fieldOf(old, key), fieldOf(next, key), typeOfField(type, key) ?? untyped),
    );
  return parts.result();
}

function compareItems(old: Value | undefined, next: Value | undefined, list: ListType): Comparison {
  const before = itemsByElement(old, list);
  const after = itemsByElement(next, list);
  const parts = createParts();
  for (const element of new Set([...before.keys(), ...after.keys()]))
    parts.add(element, compareItem(before.get(element) ?? [], after.get(element) ?? [], list.item));
  return parts.result();
}

/** Items with the same element cannot be told apart and count as one whole. */
function compareItem(before: readonly Value[], after: readonly Value[], type: SchemaType): Comparison {
  if (before.length <= 1 && after.length <= 1) return compareValues(before[0], after[0], type);
  if (before.length >= 2 && after.length >= 2)
    return isEqual(before, after) ? nothing : { ...nothing, modified: memberSet };
  const [single] = before.length >= 2 ? after : before;
  if (before.length >= 2) {
    const added = single === undefined ? nothing : compareValues(undefined, single, type);
    return { ...added, removed: marked(added.removed, true) };
  }
  const removed = single === undefined ? nothing : compareValues(single, undefined, type);
  return { ...removed, added: marked(removed.added, true) };
}

function itemsByElement(value: Value | undefined, list: ListType): ReadonlyMap<string, readonly Value[]> {
  const items = new Map<string, Value[]>();
  for (const item of itemsOf(value)) {
    const element = listElement(list, item);
    if (typeof element !== 'string') continue;
    const same = items.get(element);
    if (same === undefined) items.set(element, [item]);
    else same.push(item);
  }
  return items;
}

function createParts() {
  const added = new Map<string, FieldSet>();
  const modified = new Map<string, FieldSet>();
  const removed = new Map<string, FieldSet>();
  const keep = (into: Map<string, FieldSet>, element: string, set: FieldSet) => {
    if (!isEmptySet(set)) into.set(element, set);
  };
  return {
    add(element: string, part: Comparison) {
      keep(added, element, part.added);
      keep(modified, element, part.modified);
      keep(removed, element, part.removed);
    },
    result: (): Comparison => ({
      added: fieldSet(false, added),
      modified: fieldSet(false, modified),
      removed: fieldSet(false, removed),
    }),
  };
}

function marked(set: FieldSet, isMember: boolean): FieldSet {
  return isMember ? fieldSet(true, set.children) : set;
}

function asList(type: SchemaType): ListType {
  if (type.kind === 'list') return type;
  return { kind: 'list', relation: 'set', keys: [], item: untyped };
}
