import { assert } from '@flotilla/shared/base';
import type { Kind } from '../kinds/index.ts';
import { builtinKinds } from '../kinds/index.ts';
import { Refusal } from '../refusal.ts';
import { removeObject } from '../remove.ts';
import type { ClusterState } from '../state.ts';
import { getObject, listObjects } from '../state.ts';
import type { Value, ValueObject } from '../values.ts';
import { objectsAt, textAt } from '../values.ts';
import { createObject, updateObject } from '../write/index.ts';

/** How long the simulated controllers and nodes take, in milliseconds. */
export interface ControllerTiming {
  /** From a change to a controller's reaction. */
  readonly controllerMs: number;
  /** From a pod's creation to its running on a node. */
  readonly podStartMs: number;
  /** From a pod's deletion to its end. */
  readonly podStopMs: number;
  /** From a running pod of a Job to its success. */
  readonly jobPodMs: number;
}

/** What a controller works with: the state, and the moment. */
export interface ControllerContext {
  readonly state: ClusterState;
  readonly timing: ControllerTiming;
  /** Monotonic. */
  readonly nowMs: number;
  /** Wall time as Kubernetes writes it. */
  readonly nowText: string;
}

/** Names one object to look at. */
export interface ControllerKey {
  readonly namespace: string | undefined;
  readonly name: string;
}

/** Looks at one object and does what is to be done now. Answers when to look again, if by itself. */
export type Reconcile = (context: ControllerContext, key: ControllerKey) => number | undefined;

/** The name under which the controllers write. */
export const controllerManager = 'kube-controller-manager';
/** The name under which the simulated nodes write, as kwok's do. */
export const nodeManager = 'kwok-controller';

/** The built-in kind of this name; controllers know only such. */
export function kindNamed(name: string): Kind {
  const kind = builtinKinds.find((one) => one.kind === name);
  assert(kind !== undefined, `${name} is a built-in kind`);
  return kind;
}

/** The live object of a key. */
export function find(context: ControllerContext, kind: Kind, key: ControllerKey): ValueObject | undefined {
  return getObject(context.state, kind, key.namespace, key.name);
}

/** Objects of a kind in a namespace that a controller owns. */
export function ownedBy(context: ControllerContext, kind: Kind, owner: ValueObject): readonly ValueObject[] {
  const uid = textAt(owner, 'metadata', 'uid');
  return listObjects(context.state, kind, namespaceOf(owner)).filter(
    (object) => controllerUid(object) === uid,
  );
}

/** The uid of the owner that controls an object; '' when there is none. */
export function controllerUid(object: ValueObject): string {
  return textAt(controllerOf(object), 'uid');
}

/** The owner reference of the owner that controls an object. */
export function controllerOf(object: ValueObject): ValueObject | undefined {
  return objectsAt(object, 'metadata', 'ownerReferences').find(
    (reference) => reference['controller'] === true,
  );
}

/** Writes the status of an object, if it is another one. */
export function setStatus(
  context: ControllerContext,
  kind: Kind,
  object: ValueObject,
  status: ValueObject,
): void {
  const options = { manager: controllerManager, subresource: 'status', isDryRun: false } as const;
  updateObject(context.state, kind, { ...object, status }, options);
}

/** Replaces an object as a controller does. */
export function update(context: ControllerContext, kind: Kind, object: ValueObject): ValueObject {
  const options = { manager: controllerManager, subresource: '', isDryRun: false } as const;
  return updateObject(context.state, kind, object, options).object;
}

/** Makes an object; undefined when the server refuses it (its namespace is going, say): the controller tries later. */
export function createChild(
  context: ControllerContext,
  kind: Kind,
  object: ValueObject,
): ValueObject | undefined {
  const options = { manager: controllerManager, subresource: '', isDryRun: false } as const;
  try {
    return createObject(context.state, kind, object, options).object;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Deletes an object in the background way. */
export function removeChild(context: ControllerContext, kind: Kind, object: ValueObject): void {
  const target = { namespace: namespaceOf(object), name: nameOf(object) };
  removeObject(context.state, kind, target, {
    uid: undefined,
    resourceVersion: undefined,
    propagation: 'Background',
    isDryRun: false,
  });
}

/** The owner reference that a controller writes into what it makes. */
export function ownerReference(owner: ValueObject): Value {
  return {
    apiVersion: textAt(owner, 'apiVersion'),
    kind: textAt(owner, 'kind'),
    name: nameOf(owner),
    uid: textAt(owner, 'metadata', 'uid'),
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** `metadata.name`. */
export function nameOf(object: ValueObject): string {
  return textAt(object, 'metadata', 'name');
}

/** `metadata.namespace`; undefined for cluster-scoped objects. */
export function namespaceOf(object: ValueObject): string | undefined {
  return textAt(object, 'metadata', 'namespace') || undefined;
}

/** True once somebody asked for the object's deletion. */
export function isLeaving(object: ValueObject): boolean {
  return textAt(object, 'metadata', 'deletionTimestamp') !== '';
}
