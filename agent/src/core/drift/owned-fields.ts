import type { KubeObject, ManagedFieldsEntry } from '@flotilla/shared/model';
import { isRecord } from '../health/fields.ts';
import { ourEntry } from '../inventory/index.ts';

/** The leaves of a fieldsV1 tree as paths that people read: `.spec.containers[name="web"].image`. Sorted. */
export function fieldPaths(fieldsV1: unknown): readonly string[] {
  const paths: string[] = [];
  collect(fieldsV1, '', paths);
  return paths.sort();
}

/** Fields that our apply owns in `after` and did not own in `before`: what others had taken over or removed. */
export function lostFields(before: KubeObject, after: KubeObject): readonly string[] {
  const had = new Set(fieldPaths(ourEntry(before)?.fieldsV1 ?? {}));
  return fieldPaths(ourEntry(after)?.fieldsV1 ?? {}).filter((path) => !had.has(path));
}

/** Who owns one of the fields now: the newest of the other managers that do; '' = nobody, the field is gone. */
export function ownerOf(object: KubeObject, paths: readonly string[]): string {
  const wanted = new Set(paths);
  const own = ourEntry(object);
  const owners = (object.metadata.managedFields ?? [])
    .filter((entry) => entry !== own && fieldPaths(entry.fieldsV1 ?? {}).some((path) => wanted.has(path)))
    .sort((left, right) => (left.time ?? '').localeCompare(right.time ?? ''));
  return owners.at(-1)?.manager ?? lastWriter(object, own);
}

/** A field that was removed has no owner; whoever wrote last removed it. */
function lastWriter(object: KubeObject, own: ManagedFieldsEntry | undefined): string {
  const others = (object.metadata.managedFields ?? [])
    .filter((entry) => entry !== own && (entry.subresource ?? '') !== 'status')
    .sort((left, right) => (left.time ?? '').localeCompare(right.time ?? ''));
  return others.at(-1)?.manager ?? '';
}

/** Whether somebody changed the replicas through the scale subresource, as autoscalers do. */
export function isScaledByOther(object: KubeObject): boolean {
  return (object.metadata.managedFields ?? []).some(
    (entry) => entry.subresource === 'scale' && fieldPaths(entry.fieldsV1 ?? {}).includes('.spec.replicas'),
  );
}

function collect(node: unknown, prefix: string, paths: string[]): void {
  const steps = isRecord(node) ? Object.entries(node).filter(([name]) => name !== '.') : [];
  if (steps.length === 0) {
    if (prefix !== '') paths.push(prefix);
    return;
  }
  for (const [name, inner] of steps) collect(inner, prefix + describeStep(name), paths);
}

/** One step of fieldsV1 as people read it: `f:` a member, `k:` a list item by its keys, `v:` a set's value, `i:` a position. */
export function describeStep(step: string): string {
  const kind = step.slice(0, 2);
  const rest = step.slice(2);
  if (kind === 'f:') return /^[A-Za-z0-9_-]+$/.test(rest) ? `.${rest}` : `[${JSON.stringify(rest)}]`;
  if (kind === 'k:') return `[${describeKeys(rest)}]`;
  return kind === 'v:' ? `[=${rest}]` : `[${rest}]`;
}

function describeKeys(text: string): string {
  try {
    const keys: unknown = JSON.parse(text);
    if (!isRecord(keys)) return text;
    return Object.entries(keys)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(',');
  } catch {
    return text;
  }
}
