import type { ValueObject } from '../values.ts';
import { numberAt, objectAt, textAt } from '../values.ts';
import type { ControllerContext, Reconcile } from './context.ts';
import { find, isLeaving, kindNamed, removeChild, setStatus } from './context.ts';
import { activePods, createPod, isReadyPod } from './pods.ts';

const replicaSetKind = kindNamed('ReplicaSet');
const podKind = kindNamed('Pod');

/** Keeps a ReplicaSet's number of pods, and its status (pkg/controller/replicaset). */
export const reconcileReplicaSet: Reconcile = (context, key) => {
  const set = find(context, replicaSetKind, key);
  if (set === undefined) return undefined;
  if (!isLeaving(set)) scale(context, set);
  const live = find(context, replicaSetKind, key);
  if (live !== undefined) setStatus(context, replicaSetKind, live, statusOf(context, live));
  return undefined;
};

function scale(context: ControllerContext, set: ValueObject): void {
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
  const pods = activePods(context, set);
  for (let count = pods.length; count < wanted; count += 1)
    createPod(context, set, objectAt(set, 'spec', 'template'), { labels: {} });
  const surplus = [...pods].sort(removalOrder).slice(0, Math.max(0, pods.length - wanted));
  for (const pod of surplus) removeChild(context, podKind, pod);
}

/** Pods that are not ready go first, then the youngest. */
function removalOrder(left: ValueObject, right: ValueObject): number {
  const byReadiness = Number(isReadyPod(left)) - Number(isReadyPod(right));
  if (byReadiness !== 0) return byReadiness;
  const [older, younger] = [
    textAt(left, 'metadata', 'creationTimestamp'),
    textAt(right, 'metadata', 'creationTimestamp'),
  ];
  if (older === younger) return 0;
  return older < younger ? 1 : -1;
}

function statusOf(context: ControllerContext, set: ValueObject): ValueObject {
  const pods = activePods(context, set);
  const ready = pods.filter(isReadyPod).length;
  return {
    replicas: pods.length,
    fullyLabeledReplicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    terminatingReplicas: 0,
    observedGeneration: numberAt(set, 'metadata', 'generation') ?? 0,
  };
}
