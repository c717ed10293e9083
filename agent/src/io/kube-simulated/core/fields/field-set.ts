import type { Value, ValueObject } from '../values.ts';
import { isObject } from '../values.ts';

/**
 * A set of field paths as a tree. Children are named as in fieldsV1 (`f:name`, `k:{"name":"x"}`, `v:"x"`); `isMember`
 * says whether the path that leads here is itself in the set. Sets are never changed in place.
 */
export interface FieldSet {
  readonly isMember: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

/** A path from the root: elements as in fieldsV1. */
export type FieldPath = readonly string[];

const noChildren: ReadonlyMap<string, FieldSet> = new Map();

/** The set without paths. */
export const emptySet: FieldSet = { isMember: false, children: noChildren };

/** The set that holds just the path that leads to it. */
export const memberSet: FieldSet = { isMember: true, children: noChildren };

/** Makes a node; one without members below is the empty set. */
export function fieldSet(isMember: boolean, children: ReadonlyMap<string, FieldSet>): FieldSet {
  if (children.size === 0) return isMember ? memberSet : emptySet;
  return { isMember, children };
}

/** The set of given paths. */
export function setOfPaths(paths: readonly FieldPath[]): FieldSet {
  return paths.reduce((set, path) => union(set, setOfPath(path)), emptySet);
}

/** True when no path is in the set. */
export function isEmptySet(set: FieldSet): boolean {
  return !set.isMember && set.children.size === 0;
}

/** Paths in either. */
export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(left) || left === right) return right;
  if (isEmptySet(right)) return left;
  const children = new Map(left.children);
  for (const [name, child] of right.children) {
    const mine = children.get(name);
    children.set(name, mine === undefined ? child : union(mine, child));
  }
  return fieldSet(left.isMember || right.isMember, children);
}

/** Paths in both. */
export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  return combine(left, right, (mine, other) => mine && other);
}

/** Paths in the left one only. A path below a member of the right one stays. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(right)) return left;
  return combine(left, right, (mine, other) => mine && !other);
}

/** True when both hold the same paths. */
export function isSameSet(left: FieldSet, right: FieldSet): boolean {
  return isEmptySet(difference(left, right)) && isEmptySet(difference(right, left));
}

/** Every path, members of one level before what is below them, names in order: the order of the server's messages. */
export function pathsOf(set: FieldSet, prefix: FieldPath = []): readonly FieldPath[] {
  const names = [...set.children.keys()].sort(compareElements);
  const here = names.filter((name) => set.children.get(name)?.isMember).map((name) => [...prefix, name]);
  const below = names.flatMap((name) => {
    const child = set.children.get(name);
    return child === undefined ? [] : pathsOf({ ...child, isMember: false }, [...prefix, name]);
  });
  return [...here, ...below];
}

/** `.spec.containers[name="a"].image`, as conflicts are written. */
export function formatPath(path: FieldPath): string {
  return path.map(formatElement).join('');
}

/** One element as conflicts and schema errors are written. */
export function formatElement(element: string): string {
  const body = element.slice(2);
  if (element.startsWith('f:')) return `.${body}`;
  if (element.startsWith('v:')) return `[=${body}]`;
  if (element.startsWith('i:')) return `[${body}]`;
  // Keys are written by listElement() as JSON of an object of scalars.
  const keys = JSON.parse(body) as Readonly<Record<string, Value>>;
  return `[${Object.entries(keys)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}]`;
}

/** Writes a set as `fieldsV1`. */
export function encodeFieldsV1(set: FieldSet): ValueObject {
  const encoded: Record<string, Value> = {};
  if (set.isMember && set.children.size > 0) encoded['.'] = {};
  for (const name of [...set.children.keys()].sort(compareElements)) {
    const child = set.children.get(name);
    if (child !== undefined) encoded[name] = encodeFieldsV1(child);
  }
  return encoded;
}

/** Reads `fieldsV1`; the root path itself is never a member. */
export function decodeFieldsV1(fields: Value | undefined): FieldSet {
  return isObject(fields) ? fieldSet(false, decodeChildren(fields)) : emptySet;
}

function decodeChildren(fields: ValueObject): ReadonlyMap<string, FieldSet> {
  const children = new Map<string, FieldSet>();
  for (const [name, child] of Object.entries(fields)) {
    if (name === '.' || !isObject(child)) continue;
    const below = decodeChildren(child);
    children.set(name, fieldSet(below.size === 0 || '.' in child, below));
  }
  return children;
}

function setOfPath(path: FieldPath): FieldSet {
  const [first, ...rest] = path;
  return first === undefined ? memberSet : { isMember: false, children: new Map([[first, setOfPath(rest)]]) };
}

function combine(
  left: FieldSet,
  right: FieldSet,
  isKept: (mine: boolean, other: boolean) => boolean,
): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [name, child] of left.children) {
    const kept = combine(child, right.children.get(name) ?? emptySet, isKept);
    if (!isEmptySet(kept)) children.set(name, kept);
  }
  return fieldSet(isKept(left.isMember, right.isMember), children);
}

/** Field names first, then keys, then values, then indexes; each in order. */
function compareElements(left: string, right: string): number {
  const order = 'fkvi';
  const byKind = order.indexOf(left.charAt(0)) - order.indexOf(right.charAt(0));
  if (byKind !== 0) return byKind;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
