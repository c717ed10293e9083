import type { Json } from '@flotilla/shared/base';
import type { KubeObject, ManagedFieldsEntry } from '@flotilla/shared/model';
import { isRecord } from '../health/fields.ts';
import { fieldManager, ourEntry } from '../inventory/index.ts';
import { describeStep, fieldPaths } from './owned-fields.ts';

/** Where `kubectl apply` without `--server-side` keeps what it applied last. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

type Fields = { readonly [step: string]: Json };

/**
 * Who owns an object after a client-side apply became ours: its fields are those of our apply, so that the next one drops what
 * it does not state, as `kubectl apply` did. The same rule as kubectl's own move to server-side apply (client-go,
 * util/csaupgrade): plain writes that own the annotation of the last apply. Undefined = there is nothing to move.
 */
export function withoutClientSide(object: KubeObject): readonly ManagedFieldsEntry[] | undefined {
  const [first, ...more] = clientSideEntries(object);
  if (first === undefined || ourEntry(object) !== undefined) return undefined;
  // Fields of another version may have other names in this one: their owner stays.
  const moved = more.filter((entry) => entry.apiVersion === first.apiVersion);
  const fieldsV1 = [first, ...moved].reduce<Fields>((all, one) => union(all, one.fieldsV1 ?? {}), {});
  const ours: ManagedFieldsEntry = { ...first, manager: fieldManager, operation: 'Apply', fieldsV1 };
  const rest = (object.metadata.managedFields ?? []).filter(
    (entry) => entry !== first && !moved.includes(entry),
  );
  return [ours, ...rest];
}

/**
 * What a client-side apply stated and our apply would drop: paths, sorted. `applied` is the (dry-run) result of our apply beside
 * the other owner. Fields that the server had filled in are no loss: it fills them in again.
 */
export function abandonedFields(
  live: KubeObject,
  applied: KubeObject,
  leftToOthers: readonly string[],
): readonly string[] {
  const moved = clientSideEntries(live);
  const stated = lastApplied(live);
  if (moved.length === 0 || ourEntry(live) !== undefined || stated === undefined) return [];
  const names = new Set(moved.map((entry) => entry.manager));
  const kept = (applied.metadata.managedFields ?? [])
    .filter((entry) => entry.operation === 'Apply' || !names.has(entry.manager))
    .flatMap((entry) => fieldPaths(entry.fieldsV1 ?? {}));
  const paths = moved.flatMap((entry) => statedPaths(entry.fieldsV1 ?? {}, stated, ''));
  const isKept = (path: string) =>
    [...kept, ...leftToOthers].some((one) => isWithin(one, path) || isWithin(path, one));
  return [...new Set(paths.filter((path) => !isKept(path)))].sort();
}

function clientSideEntries(object: KubeObject): readonly ManagedFieldsEntry[] {
  const path = fieldPaths({ 'f:metadata': { 'f:annotations': { [`f:${lastAppliedAnnotation}`]: {} } } })[0];
  return (object.metadata.managedFields ?? []).filter(
    (entry) =>
      entry.operation === 'Update' &&
      (entry.subresource ?? '') === '' &&
      fieldPaths(entry.fieldsV1 ?? {}).some((one) => one === path),
  );
}

function lastApplied(object: KubeObject): unknown {
  try {
    return JSON.parse(object.metadata.annotations?.[lastAppliedAnnotation] ?? '') as unknown;
  } catch {
    return undefined;
  }
}

/** The leaves of a fieldsV1 tree that a value states, too. */
function statedPaths(fields: unknown, value: unknown, prefix: string): readonly string[] {
  if (value === undefined) return [];
  const steps = isRecord(fields) ? Object.entries(fields).filter(([name]) => name !== '.') : [];
  if (steps.length === 0) return prefix === '' ? [] : [prefix];
  return steps.flatMap(([step, inner]) =>
    statedPaths(inner, valueBehind(value, step), prefix + describeStep(step)),
  );
}

/** What one step of fieldsV1 leads to: a member, an item of a list by its keys or position, a value of a set. */
function valueBehind(value: unknown, step: string): unknown {
  const [kind, rest] = [step.slice(0, 2), step.slice(2)];
  if (kind === 'f:') return isRecord(value) && Object.hasOwn(value, rest) ? value[rest] : undefined;
  if (!Array.isArray(value)) return undefined;
  const items: readonly unknown[] = value;
  const wanted = parsed(rest);
  if (kind === 'i:') return items[Number(rest)];
  if (kind === 'v:') return items.find((item) => JSON.stringify(item) === JSON.stringify(wanted));
  return isRecord(wanted) ? items.find((item) => hasKeys(item, wanted)) : undefined;
}

/** A key that the manifest leaves out has its default: the protocol of a port. */
function hasKeys(item: unknown, keys: Readonly<Record<string, unknown>>): boolean {
  if (!isRecord(item)) return false;
  return Object.entries(keys).every(([name, key]) => item[name] === undefined || item[name] === key);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
}

function union(left: Fields, right: Fields): Fields {
  const both: { [step: string]: Json } = { ...left };
  for (const [step, inner] of Object.entries(right)) {
    const before = both[step];
    // Sets of fields have only objects in them.
    both[step] = isRecord(before) && isRecord(inner) ? union(before as Fields, inner as Fields) : inner;
  }
  return both;
}
