import type { KubeObject } from '@flotilla/shared/model';
import { conditionsOf, isRecord, listAt, textAt } from './fields.ts';
import { current, failed, inProgress, unknown, type Verdict } from './verdict.ts';

/** How long kstatus waits for a pod to be scheduled before it calls it unschedulable. */
export const scheduleWindowMs = 15_000;

/** kstatus' podConditions. `ageMs` is how long the pod has been known. */
export function judgePodAsUpstream(object: KubeObject, ageMs: number): Verdict {
  const phase = textAt(object, ['status', 'phase']);
  switch (phase) {
    case 'Succeeded':
      return current('completed successfully');
    case 'Failed':
      return current('completed, but not successfully');
    case 'Running':
      return judgeRunningPod(object);
    case 'Pending':
      return judgePendingPod(object, ageMs);
    case '':
      return inProgress('PodNotObserved', 'the pod has no phase yet');
    default:
      return unknown('PodPhaseUnknown', `unknown phase ${phase.slice(0, 80)}`);
  }
}

/** kstatus' serviceConditions: an external address is not awaited. */
export function judgeService(object: KubeObject): Verdict {
  const isLoadBalancer = textAt(object, ['spec', 'type'], 'ClusterIP') === 'LoadBalancer';
  if (isLoadBalancer && textAt(object, ['spec', 'clusterIP']) === '')
    return inProgress('NoIpAssigned', 'spec.clusterIP is not set yet');
  return current('the Service is ready');
}

/** kstatus' pvcConditions. A claim of a WaitForFirstConsumer class stays InProgress until a pod uses it. */
export function judgePersistentVolumeClaim(object: KubeObject): Verdict {
  const phase = textAt(object, ['status', 'phase'], 'unknown');
  return phase === 'Bound' ? current('bound') : inProgress('NotBound', `not bound, phase ${phase}`);
}

/** kstatus' crdConditions, in list order. */
export function judgeCustomResourceDefinition(object: KubeObject): Verdict {
  for (const one of conditionsOf(object)) {
    if (one.type === 'NamesAccepted' && one.status === 'False') return failed(one.reason, one.message);
    if (one.type !== 'Established') continue;
    if (one.status === 'False' && one.reason !== 'Installing') return failed(one.reason, one.message);
    if (one.status === 'True') return current('established');
  }
  return inProgress('Installing', 'not established yet');
}

/** For kinds that are whole as soon as they exist, and for a PodDisruptionBudget whose generation was observed. */
export function judgeAsCurrent(): Verdict {
  return current('exists');
}

function judgeRunningPod(object: KubeObject): Verdict {
  if (conditionsOf(object).some((one) => one.type === 'Ready' && one.status === 'True'))
    return current('the pod is ready');
  const crashing = crashLooping(object);
  if (crashing.length > 0)
    return failed('ContainerCrashLooping', `containers in a crash loop: ${crashing.join(', ')}`);
  return inProgress('PodRunningNotReady', 'the pod runs but is not ready');
}

function judgePendingPod(object: KubeObject, ageMs: number): Verdict {
  const scheduled = conditionsOf(object).find((one) => one.type === 'PodScheduled' && one.status === 'False');
  if (scheduled?.reason !== 'Unschedulable') return inProgress('PodPending', 'the pod is pending');
  if (ageMs >= scheduleWindowMs) return failed('PodUnschedulable', scheduled.message || 'not schedulable');
  return {
    ...inProgress('PodNotScheduled', 'the pod has not been scheduled'),
    recheckAfterMs: scheduleWindowMs - ageMs,
  };
}

function crashLooping(object: KubeObject): readonly string[] {
  return listAt(object, 'status', 'containerStatuses')
    .filter(isRecord)
    .filter((one) => textAt(one, ['state', 'waiting', 'reason']) === 'CrashLoopBackOff')
    .map((one) => textAt(one, ['name']));
}
