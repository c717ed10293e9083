import type { KubeObject } from '@flotilla/shared/model';
import { isRecord } from '../health/fields.ts';
import { applySet, assignmentLabel, ownerAnnotation } from '../inventory/index.ts';

/** Metadata that differs between any two writes. */
const volatileFields = ['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp'];

/**
 * Where a live object and the (dry-run) result of applying to it differ: paths, sorted; our own labels and mark, the status and
 * what every write changes are left aside. Empty = the object is as wanted already.
 */
export function differingPaths(live: KubeObject, applied: KubeObject): readonly string[] {
  const paths: string[] = [];
  compare(comparable(live), comparable(applied), '', paths);
  return paths.sort();
}

function comparable(object: KubeObject): unknown {
  const { status: _status, ...rest } = object;
  const metadata = Object.entries(object.metadata).filter(([name]) => !volatileFields.includes(name));
  const labels = Object.entries(object.metadata.labels ?? {}).filter(
    ([name]) => name !== applySet.partOfLabel && name !== assignmentLabel,
  );
  const annotations = Object.entries(object.metadata.annotations ?? {}).filter(
    ([name]) => name !== ownerAnnotation,
  );
  const marks = { labels: Object.fromEntries(labels), annotations: Object.fromEntries(annotations) };
  return { ...rest, metadata: { ...Object.fromEntries(metadata), ...marks } };
}

function compare(left: unknown, right: unknown, path: string, paths: string[]): void {
  if (Array.isArray(left) && Array.isArray(right)) {
    for (let index = 0; index < Math.max(left.length, right.length); index += 1)
      compare(left[index], right[index], `${path}[${index}]`, paths);
    return;
  }
  if (isRecord(left) && isRecord(right)) {
    for (const name of new Set([...Object.keys(left), ...Object.keys(right)]))
      compare(left[name], right[name], `${path}.${name}`, paths);
    return;
  }
  if (left !== right) paths.push(path);
}
