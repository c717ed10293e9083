import type { Kind } from '../kinds/index.ts';
import { storageKey } from '../kinds/index.ts';
import type { ManagerEntry, Managers } from '../managed/managed-fields.ts';
import { decodeManagers, encodeManagers } from '../managed/managed-fields.ts';
import { validateMetadata } from '../names.ts';
import { conflict, invalid, resourceName } from '../refusal.ts';
import type { ClusterState } from '../state.ts';
import { asKind } from '../state.ts';
import type { Value, ValueObject } from '../values.ts';
import { isEqual, listAt, numberAt, objectAt, textAt, valueAt, withValue } from '../values.ts';
import type { WriteOptions, Written } from './options.ts';
import { encodedOrNone, shaped, withMetadata, withoutForeignParts } from './parts.ts';

/** A live object and what should be there instead. */
export interface Replacement {
  readonly live: ValueObject;
  readonly next: ValueObject;
  readonly managers: Managers;
}

/** Stores a changed object: what only the server writes is carried over, and nothing is stored when nothing changed. */
export function replace(
  state: ClusterState,
  kind: Kind,
  change: Replacement,
  options: WriteOptions,
): Written {
  const { live } = change;
  const own = shaped(kind, withoutForeignParts(kind, change.next, live, options.subresource));
  const prepared =
    kind.prepareUpdate === undefined || options.subresource === 'status'
      ? own
      : shaped(kind, kind.prepareUpdate(own, live));
  const next = withMetadata(prepared, {
    uid: textAt(live, 'metadata', 'uid'),
    creationTimestamp: textAt(live, 'metadata', 'creationTimestamp'),
    deletionTimestamp: valueAt(live, 'metadata', 'deletionTimestamp'),
    deletionGracePeriodSeconds: valueAt(live, 'metadata', 'deletionGracePeriodSeconds'),
    generation: valueAt(live, 'metadata', 'generation'),
    resourceVersion: textAt(live, 'metadata', 'resourceVersion'),
    managedFields: encodedOrNone(keepTimes(change, prepared)),
  });
  const name = textAt(live, 'metadata', 'name');
  const problems =
    options.subresource === 'status'
      ? []
      : [...validateMetadata(kind, next), ...(kind.validate?.(next, live) ?? [])];
  if (problems.length > 0) throw invalid(kind, name, problems);
  if (isEqual(next, live)) return { object: asKind(live, kind), isCreated: false, isChanged: false };
  const counted = withGeneration(kind, next, live, options.subresource);
  if (options.isDryRun) return { object: counted, isCreated: false, isChanged: true };
  if (isFinished(counted)) {
    // The write that lets the last finalizer go deletes: it takes no version of its own.
    state.store.remove(storageKey(kind), live);
    return { object: asKind(counted, kind), isCreated: false, isChanged: true };
  }
  const stored = state.store.put(storageKey(kind), counted);
  return { object: asKind(stored, kind), isCreated: false, isChanged: true };
}

/** A write that changes nothing but a manager's time leaves the old time: it would be a new version for nothing. */
function keepTimes(change: Replacement, next: ValueObject): Managers {
  const before = decodeManagers(change.live);
  const isSame = (key: string, entry: ManagerEntry): boolean => {
    const old = before.get(key);
    return (
      old !== undefined &&
      isEqual(
        encodeManagers(new Map([[key, { ...entry, time: old.time }]])),
        encodeManagers(new Map([[key, old]])),
      )
    );
  };
  const sameOwners =
    before.size === change.managers.size && [...change.managers].every(([key, entry]) => isSame(key, entry));
  const bare = (object: ValueObject) =>
    withMetadata(object, { managedFields: undefined, resourceVersion: undefined });
  return sameOwners && isEqual(bare({ ...next }), bare({ ...change.live })) ? before : change.managers;
}

function withGeneration(kind: Kind, next: ValueObject, live: ValueObject, subresource: string): ValueObject {
  if (!kind.hasGeneration || subresource === 'status') return next;
  const counted = (object: ValueObject): Value => {
    const { metadata: _, status, ...rest } = object;
    const annotations = kind.countsAnnotations === true ? objectAt(object, 'metadata', 'annotations') : {};
    return { ...rest, annotations, ...(kind.hasStatus || status === undefined ? {} : { status }) };
  };
  if (isEqual(counted(next), counted(live))) return next;
  return withValue(next, ['metadata', 'generation'], (numberAt(live, 'metadata', 'generation') ?? 0) + 1);
}

/** Stores an object that lost its last finalizer while being deleted: it goes. */
export function isFinished(object: ValueObject): boolean {
  const isLeaving = textAt(object, 'metadata', 'deletionTimestamp') !== '';
  const waits =
    listAt(object, 'metadata', 'finalizers').length > 0 ||
    numberAt(object, 'metadata', 'deletionGracePeriodSeconds');
  return isLeaving && !waits && listAt(object, 'spec', 'finalizers').length === 0;
}

/** A version in the written object makes the write conditional. */
export function checkVersion(kind: Kind, given: ValueObject, live: ValueObject): void {
  const version = textAt(given, 'metadata', 'resourceVersion');
  if (version === '' || version === textAt(live, 'metadata', 'resourceVersion')) return;
  throw conflict(
    resourceName(kind),
    textAt(live, 'metadata', 'name'),
    'the object has been modified; please apply your changes to the latest version and try again',
  );
}
