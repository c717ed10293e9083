import type { Change, ObjectStore } from '../store.ts';
import { isEqual, textAt, valueAt } from '../values.ts';
import { reconcileAutoscaler } from './autoscaler.ts';
import type { ControllerKey, Reconcile } from './context.ts';
import { controllerOf, nameOf, namespaceOf } from './context.ts';
import { reconcileDaemonSet } from './daemon-set.ts';
import { reconcileDefinition } from './definition.ts';
import { reconcileDeployment } from './deployment.ts';
import { reconcileBudget } from './disruption-budget.ts';
import { reconcileJob } from './job.ts';
import { reconcileNamespace } from './namespace.ts';
import { reconcilePod } from './node.ts';
import { reconcileQuota } from './quota.ts';
import { reconcileReplicaSet } from './replica-set.ts';
import { reconcileStatefulSet } from './stateful-set.ts';

/** Controllers by the kind of object they look at. */
export const reconcilers = {
  autoscaler: reconcileAutoscaler,
  budget: reconcileBudget,
  daemonSet: reconcileDaemonSet,
  definition: reconcileDefinition,
  deployment: reconcileDeployment,
  job: reconcileJob,
  namespace: reconcileNamespace,
  pod: reconcilePod,
  quota: reconcileQuota,
  replicaSet: reconcileReplicaSet,
  statefulSet: reconcileStatefulSet,
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
  '/resourcequotas': 'quota',
  'apiextensions.k8s.io/customresourcedefinitions': 'definition',
  'apps/daemonsets': 'daemonSet',
  'apps/deployments': 'deployment',
  'apps/replicasets': 'replicaSet',
  'apps/statefulsets': 'statefulSet',
  'autoscaling/horizontalpodautoscalers': 'autoscaler',
  'batch/jobs': 'job',
  'policy/poddisruptionbudgets': 'budget',
};

const controllersOfOwner: Readonly<Record<string, ControllerName>> = {
  DaemonSet: 'daemonSet',
  Deployment: 'deployment',
  Job: 'job',
  ReplicaSet: 'replicaSet',
  StatefulSet: 'statefulSet',
};

/** Controllers that count the objects of others in their namespace. */
const countersOfKind: Readonly<Record<string, readonly (readonly [ControllerName, string])[]>> = {
  '/configmaps': [['quota', '/resourcequotas']],
  '/pods': [
    ['budget', 'policy/poddisruptionbudgets'],
    ['quota', '/resourcequotas'],
  ],
  '/secrets': [['quota', '/resourcequotas']],
  '/services': [['quota', '/resourcequotas']],
};

/** What is to be looked at after a change: the object itself, the owner that controls it, and who counts it. */
export function tasksAfter(store: ObjectStore, change: Change): readonly Task[] {
  const { object } = change;
  const namespace = namespaceOf(object);
  const tasks: Task[] = [];
  const own = controllersOfKind[change.kind];
  if (own !== undefined) tasks.push({ controller: own, key: { namespace, name: nameOf(object) } });
  const owner = controllerOf(object);
  const above = controllersOfOwner[textAt(owner, 'kind')];
  if (above !== undefined) tasks.push({ controller: above, key: { namespace, name: textAt(owner, 'name') } });
  for (const [controller, kind] of countersOfKind[change.kind] ?? [])
    for (const counter of store.list(kind, namespace))
      tasks.push({ controller, key: { namespace, name: nameOf(counter) } });
  return tasks;
}

/** True when a change may leave objects without an owner, or end a deletion that waits for others. */
export function mayLeaveGarbage(change: Change): boolean {
  if (change.type === 'deleted') return true;
  if (textAt(change.object, 'metadata', 'deletionTimestamp') !== '') return true;
  const owners = valueAt(change.object, 'metadata', 'ownerReferences');
  return owners !== undefined && !isEqual(owners, valueAt(change.previous, 'metadata', 'ownerReferences'));
}
