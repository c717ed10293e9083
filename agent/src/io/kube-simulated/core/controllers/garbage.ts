import type { Kind } from '../kinds/index.ts';
import { storageKey } from '../kinds/index.ts';
import { removeObject } from '../remove.ts';
import type { Value, ValueObject } from '../values.ts';
import { listAt, objectsAt, textAt, withValue } from '../values.ts';
import { isFinished, updateObject } from '../write/index.ts';
import type { ControllerContext } from './context.ts';
import { controllerManager, isLeaving, nameOf, namespaceOf } from './context.ts';

/**
 * Deletes what only owned objects that are gone, and ends foreground and orphan deletions
 * (pkg/controller/garbagecollector). Looks at everything: a simulated cluster is small, and it is called only after a
 * deletion or a write of owner references.
 */
export function collectGarbage(context: ControllerContext): void {
  const objects = allObjects(context);
  const living = new Set(objects.map(({ object }) => textAt(object, 'metadata', 'uid')));
  for (const { kind, object } of objects) {
    const owners = objectsAt(object, 'metadata', 'ownerReferences');
    if (owners.length === 0 || owners.some((owner) => living.has(textAt(owner, 'uid')))) continue;
    remove(context, kind, object);
  }
  for (const { kind, object } of objects)
    if (isLeaving(object)) finishDeletion(context, kind, object, objects);
}

interface Stored {
  readonly kind: Kind;
  readonly object: ValueObject;
}

function allObjects(context: ControllerContext): readonly Stored[] {
  const { registry, store } = context.state;
  const kinds = new Map(registry.all().map((kind) => [storageKey(kind), kind]));
  return [...kinds].flatMap(([key, kind]) => store.list(key).map((object) => ({ kind, object })));
}

function finishDeletion(
  context: ControllerContext,
  kind: Kind,
  owner: ValueObject,
  objects: readonly Stored[],
): void {
  const finalizers = listAt(owner, 'metadata', 'finalizers');
  const uid = textAt(owner, 'metadata', 'uid');
  const isOwned = ({ object }: Stored) =>
    objectsAt(object, 'metadata', 'ownerReferences').some((reference) => reference['uid'] === uid);
  const dependants = objects.filter(isOwned).filter((one) => current(context, one) !== undefined);
  if (finalizers.includes('orphan')) {
    for (const one of dependants) disown(context, one, uid);
    release(context, kind, owner, 'orphan');
  } else if (finalizers.includes('foregroundDeletion')) {
    for (const one of dependants) remove(context, one.kind, one.object);
    const blocking = dependants.filter(
      (one) => current(context, one) !== undefined && blocks(one.object, uid),
    );
    if (blocking.length === 0) release(context, kind, owner, 'foregroundDeletion');
  }
}

function blocks(object: ValueObject, ownerUid: string): boolean {
  return objectsAt(object, 'metadata', 'ownerReferences').some(
    (reference) => reference['uid'] === ownerUid && reference['blockOwnerDeletion'] === true,
  );
}

function disown(context: ControllerContext, { kind, object }: Stored, ownerUid: string): void {
  const left: readonly Value[] = objectsAt(object, 'metadata', 'ownerReferences').filter(
    (reference) => reference['uid'] !== ownerUid,
  );
  const next = withValue(object, ['metadata', 'ownerReferences'], left.length > 0 ? left : undefined);
  const options = { manager: controllerManager, subresource: '', isDryRun: false } as const;
  updateObject(context.state, kind, next, options);
}

function release(context: ControllerContext, kind: Kind, owner: ValueObject, finalizer: string): void {
  const left = listAt(owner, 'metadata', 'finalizers').filter((one) => one !== finalizer);
  const next = withValue(owner, ['metadata', 'finalizers'], left.length > 0 ? left : undefined);
  if (isFinished(next)) context.state.store.remove(storageKey(kind), next);
  else context.state.store.put(storageKey(kind), next);
}

function remove(context: ControllerContext, kind: Kind, object: ValueObject): void {
  const live = current(context, { kind, object });
  if (live === undefined || isLeaving(live)) return;
  removeObject(
    context.state,
    kind,
    { namespace: namespaceOf(live), name: nameOf(live) },
    {
      uid: undefined,
      resourceVersion: undefined,
      propagation: 'Background',
      isDryRun: false,
    },
  );
}

function current(context: ControllerContext, { kind, object }: Stored): ValueObject | undefined {
  return context.state.store.get(storageKey(kind), namespaceOf(object), nameOf(object));
}
