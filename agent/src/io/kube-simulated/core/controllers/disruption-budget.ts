import { labelsOf, matchesSelector } from '../selectors.ts';
import { listObjects } from '../state.ts';
import type { ValueObject } from '../values.ts';
import { isObject, numberAt, objectAt, textAt, valueAt } from '../values.ts';
import { conditionOf } from './conditions.ts';
import type { ControllerContext, Reconcile } from './context.ts';
import { controllerOf, find, isLeaving, kindNamed, namespaceOf, setStatus } from './context.ts';
import { isFinishedPod, isReadyPod } from './pods.ts';
import { share } from './rollout-plan.ts';

const budgetKind = kindNamed('PodDisruptionBudget');
const podKind = kindNamed('Pod');

/** Counts the pods of a PodDisruptionBudget (pkg/controller/disruption). Nothing asks it for permission. */
export const reconcileBudget: Reconcile = (context, key) => {
  const budget = find(context, budgetKind, key);
  if (budget === undefined || isLeaving(budget)) return undefined;
  setStatus(context, budgetKind, budget, statusOf(context, budget));
  return undefined;
};

function statusOf(context: ControllerContext, budget: ValueObject): ValueObject {
  const pods = podsOf(context, budget);
  const expected = expectedPods(context, pods);
  const healthy = pods.filter(isReadyPod).length;
  const desired = desiredHealthy(budget, expected);
  const allowed = Math.max(0, expected === 0 ? 0 : healthy - desired);
  return {
    observedGeneration: numberAt(budget, 'metadata', 'generation') ?? 0,
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: [conditionFor(context, budget, allowed > 0)],
  };
}

function conditionFor(context: ControllerContext, budget: ValueObject, isAllowed: boolean): ValueObject {
  const status = isAllowed ? 'True' : 'False';
  const before = conditionOf(budget, 'DisruptionAllowed');
  return {
    type: 'DisruptionAllowed',
    status,
    observedGeneration: numberAt(budget, 'metadata', 'generation') ?? 0,
    lastTransitionTime:
      before?.['status'] === status ? textAt(before, 'lastTransitionTime') : context.nowText,
    reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  };
}

function podsOf(context: ControllerContext, budget: ValueObject): readonly ValueObject[] {
  const selector = valueAt(budget, 'spec', 'selector');
  if (!isObject(selector)) return [];
  return listObjects(context.state, podKind, namespaceOf(budget)).filter(
    (pod) => !isLeaving(pod) && !isFinishedPod(pod) && matchesSelector(selector, labelsOf(pod)),
  );
}

/** Pods that their owners want, each owner counted once; a pod without an owner counts as one. */
function expectedPods(context: ControllerContext, pods: readonly ValueObject[]): number {
  const owners = new Map<string, number>();
  for (const pod of pods) {
    const owner = topOwner(context, pod);
    owners.set(textAt(owner, 'metadata', 'uid'), numberAt(owner, 'spec', 'replicas') ?? 1);
  }
  return [...owners.values()].reduce((sum, count) => sum + count, 0);
}

function topOwner(context: ControllerContext, object: ValueObject): ValueObject {
  const reference = controllerOf(object);
  const names = ['ReplicaSet', 'Deployment', 'StatefulSet'];
  const kindName = textAt(reference, 'kind');
  if (reference === undefined || !names.includes(kindName)) return object;
  const key = { namespace: namespaceOf(object), name: textAt(reference, 'name') };
  const owner = find(context, kindNamed(kindName), key);
  return owner === undefined ? object : topOwner(context, owner);
}

function desiredHealthy(budget: ValueObject, expected: number): number {
  const minimum = valueAt(budget, 'spec', 'minAvailable');
  if (minimum !== undefined) return share(minimum, expected, Math.ceil);
  const maximum = objectAt(budget, 'spec')['maxUnavailable'];
  return maximum === undefined ? 0 : Math.max(0, expected - share(maximum, expected, Math.ceil));
}
