import type { ValueObject } from '../values.ts';
import { numberAt, textAt, valueAt, withValue } from '../values.ts';
import { updateObject } from '../write/index.ts';
import type { ConditionState } from './conditions.ts';
import { conditionOf } from './conditions.ts';
import type { ControllerContext, Reconcile } from './context.ts';
import { controllerManager, find, isLeaving, kindNamed, namespaceOf, setStatus } from './context.ts';

const autoscalerKind = kindNamed('HorizontalPodAutoscaler');

/** Kinds that can be scaled here. */
const targets = ['Deployment', 'StatefulSet', 'ReplicaSet'];

const noMetrics =
  'the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';

/**
 * Keeps the replicas of an autoscaler's target within its bounds. There are no metrics here (as on the fake nodes of a
 * real control plane), so it scales no further and says so (pkg/controller/podautoscaler).
 */
export const reconcileAutoscaler: Reconcile = (context, key) => {
  const autoscaler = find(context, autoscalerKind, key);
  if (autoscaler === undefined || isLeaving(autoscaler)) return undefined;
  const found = findTarget(context, autoscaler);
  if (found === undefined) {
    setStatus(context, autoscalerKind, autoscaler, statusWithout(context, autoscaler));
    // The target may come later: nothing else tells this controller of it.
    return 15_000;
  }
  const replicas = numberAt(found, 'spec', 'replicas') ?? 1;
  if (replicas === 0) setStatus(context, autoscalerKind, autoscaler, statusDisabled(context, autoscaler));
  else bound(context, autoscaler, found);
  return 15_000;
};

function bound(context: ControllerContext, autoscaler: ValueObject, target: ValueObject): void {
  const replicas = numberAt(target, 'spec', 'replicas') ?? 1;
  const minimum = numberAt(autoscaler, 'spec', 'minReplicas') ?? 1;
  const maximum = numberAt(autoscaler, 'spec', 'maxReplicas') ?? minimum;
  const wanted = Math.min(maximum, Math.max(minimum, replicas));
  if (wanted !== replicas) scale(context, target, wanted);
  const lastScaleTime = wanted === replicas ? textAt(autoscaler, 'status', 'lastScaleTime') : context.nowText;
  setStatus(context, autoscalerKind, autoscaler, {
    currentReplicas: wanted,
    desiredReplicas: lastScaleTime === '' ? 0 : wanted,
    ...(lastScaleTime === '' ? {} : { lastScaleTime }),
    currentMetrics: [{ type: '' }],
    conditions: conditions(context, autoscaler, [
      ableToScale,
      { type: 'ScalingActive', status: 'False', reason: 'FailedGetResourceMetric', message: noMetrics },
    ]),
  });
}

function scale(context: ControllerContext, target: ValueObject, replicas: number): void {
  const kind = kindNamed(textAt(target, 'kind'));
  const options = { manager: controllerManager, subresource: 'scale', isDryRun: false } as const;
  updateObject(context.state, kind, withValue(target, ['spec', 'replicas'], replicas), options);
}

function findTarget(context: ControllerContext, autoscaler: ValueObject): ValueObject | undefined {
  const kind = textAt(autoscaler, 'spec', 'scaleTargetRef', 'kind');
  if (!targets.includes(kind)) return undefined;
  const name = textAt(autoscaler, 'spec', 'scaleTargetRef', 'name');
  return find(context, kindNamed(kind), { namespace: namespaceOf(autoscaler), name });
}

const ableToScale: ConditionState = {
  type: 'AbleToScale',
  status: 'True',
  reason: 'SucceededGetScale',
  message: "the HPA controller was able to get the target's current scale",
};

function statusDisabled(context: ControllerContext, autoscaler: ValueObject): ValueObject {
  const disabled = {
    type: 'ScalingActive',
    status: 'False',
    reason: 'ScalingDisabled',
    message: 'scaling is disabled since the replica count of the target is zero',
  } as const;
  return { conditions: conditions(context, autoscaler, [ableToScale, disabled]) };
}

function statusWithout(context: ControllerContext, autoscaler: ValueObject): ValueObject {
  const target = valueAt(autoscaler, 'spec', 'scaleTargetRef');
  const group = textAt(target, 'apiVersion').split('/').slice(0, -1).join('/');
  const resource = `${textAt(target, 'kind').toLowerCase()}s${group === '' ? '' : `.${group}`}`;
  const failed = {
    type: 'AbleToScale',
    status: 'False',
    reason: 'FailedGetScale',
    message: `the HPA controller was unable to get the target's current scale: ${resource} "${textAt(target, 'name')}" not found`,
  } as const;
  return { conditions: conditions(context, autoscaler, [failed]) };
}

/** Conditions with their times: a status that stays keeps its own. */
function conditions(
  context: ControllerContext,
  autoscaler: ValueObject,
  states: readonly ConditionState[],
): readonly ValueObject[] {
  return states.map((state) => {
    const before = conditionOf(autoscaler, state.type);
    const isSame = before?.['status'] === state.status;
    return { ...state, lastTransitionTime: isSame ? textAt(before, 'lastTransitionTime') : context.nowText };
  });
}
