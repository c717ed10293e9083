import type { Change } from '../store.ts';
import { isEqual, textAt, valueAt } from '../values.ts';
import type { ControllerKey, Reconcile } from './context.ts';
import { controllerOf, nameOf, namespaceOf } from './context.ts';
import { reconcileDefinition } from './definition.ts';
import { reconcileDeployment } from './deployment.ts';
import { reconcileNamespace } from './namespace.ts';
import { reconcilePod } from './node.ts';
import { reconcileReplicaSet } from './replica-set.ts';

/** Controllers by the kind of object they look at. */
export const reconcilers = {
  definition: reconcileDefinition,
  deployment: reconcileDeployment,
  namespace: reconcileNamespace,
  pod: reconcilePod,
  replicaSet: reconcileReplicaSet,
} as const satisfies Readonly<Record<string, Reconcile>>;

/** Names a controller. */
export type ControllerName = keyof typeof reconcilers;

/** One thing to look at. */
export interface Task {
  readonly controller: ControllerName;
  readonly key: ControllerKey;
}

const controllersOfKind: Readonly<Record<string, ControllerName>> = {
  '/namespaces': 'namespace',
  '/pods': 'pod',
  'apiextensions.k8s.io/customresourcedefinitions': 'definition',
  'apps/deployments': 'deployment',
  'apps/replicasets': 'replicaSet',
};

const controllersOfOwner: Readonly<Record<string, ControllerName>> = {
  Deployment: 'deployment',
  ReplicaSet: 'replicaSet',
};

/** What is to be looked at after a change: the object itself, and the owner that controls it. */
export function tasksAfter(change: Change): readonly Task[] {
  const { object } = change;
  const namespace = namespaceOf(object);
  const tasks: Task[] = [];
  const own = controllersOfKind[change.kind];
  if (own !== undefined) tasks.push({ controller: own, key: { namespace, name: nameOf(object) } });
  const owner = controllerOf(object);
  const above = controllersOfOwner[textAt(owner, 'kind')];
  if (above !== undefined) tasks.push({ controller: above, key: { namespace, name: textAt(owner, 'name') } });
  return tasks;
}

/** True when a change may leave objects without an owner, or end a deletion that waits for others. */
export function mayLeaveGarbage(change: Change): boolean {
  if (change.type === 'deleted') return true;
  if (textAt(change.object, 'metadata', 'deletionTimestamp') !== '') return true;
  const owners = valueAt(change.object, 'metadata', 'ownerReferences');
  return owners !== undefined && !isEqual(owners, valueAt(change.previous, 'metadata', 'ownerReferences'));
}
