import type { ValueObject } from '../values.ts';
import { numberAt, objectAt, objectsAt, textAt } from '../values.ts';
import { conditionOf } from './conditions.ts';
import type { ControllerContext, Reconcile } from './context.ts';
import { find, isLeaving, kindNamed, ownedBy, removeChild, setStatus } from './context.ts';
import { activePods, createPod, isReadyPod } from './pods.ts';

const jobKind = kindNamed('Job');
const podKind = kindNamed('Pod');

/**
 * Runs a Job's pods until enough of them succeeded (pkg/controller/job). Simulated pods succeed or never become ready;
 * none fails, so a Job ends well or does not end.
 */
export const reconcileJob: Reconcile = (context, key) => {
  const job = find(context, jobKind, key);
  if (job === undefined || isLeaving(job)) return undefined;
  if (conditionOf(job, 'Complete')?.['status'] === 'True') return expire(context, job);
  if (job['spec'] !== undefined && objectAt(job, 'spec')['suspend'] === true) return suspend(context, job);
  const succeeded = succeededPods(context, job);
  const wanted = numberAt(job, 'spec', 'completions') ?? 1;
  const width = numberAt(job, 'spec', 'parallelism') ?? 1;
  const running = activePods(context, job).length;
  const missing = Math.max(0, Math.min(width, wanted - succeeded) - running);
  for (let count = 0; count < missing; count += 1)
    createPod(context, job, objectAt(job, 'spec', 'template'), { labels: {} });
  const live = find(context, jobKind, key);
  if (live !== undefined) setStatus(context, jobKind, live, statusOf(context, live, succeeded >= wanted));
  return undefined;
};

function statusOf(context: ControllerContext, job: ValueObject, isComplete: boolean): ValueObject {
  const active = activePods(context, job);
  const startTime = textAt(job, 'status', 'startTime') || context.nowText;
  return {
    startTime,
    ...(active.length === 0 ? {} : { active: active.length }),
    ready: active.filter(isReadyPod).length,
    succeeded: succeededPods(context, job),
    terminating: 0,
    uncountedTerminatedPods: {},
    ...(isComplete
      ? { completionTime: context.nowText, conditions: completeConditions(context.nowText) }
      : { conditions: resumed(job, context.nowText) }),
  };
}

function completeConditions(nowText: string): readonly ValueObject[] {
  return ['SuccessCriteriaMet', 'Complete'].map((type) => ({
    type,
    status: 'True',
    lastProbeTime: nowText,
    lastTransitionTime: nowText,
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
  }));
}

function suspend(context: ControllerContext, job: ValueObject): undefined {
  for (const pod of activePods(context, job)) removeChild(context, podKind, pod);
  if (conditionOf(job, 'Suspended')?.['status'] === 'True') return undefined;
  const condition = {
    type: 'Suspended',
    status: 'True',
    lastProbeTime: context.nowText,
    lastTransitionTime: context.nowText,
    reason: 'JobSuspended',
    message: 'Job suspended',
  };
  setStatus(context, jobKind, job, {
    ready: 0,
    terminating: 0,
    uncountedTerminatedPods: {},
    conditions: [condition],
  });
  return undefined;
}

/** A Job that runs again after a suspension says so. */
function resumed(job: ValueObject, nowText: string): readonly ValueObject[] {
  return objectsAt(job, 'status', 'conditions').map((condition) =>
    condition['type'] === 'Suspended' && condition['status'] === 'True'
      ? {
          ...condition,
          status: 'False',
          lastTransitionTime: nowText,
          reason: 'JobResumed',
          message: 'Job resumed',
        }
      : condition,
  );
}

/** A finished Job goes after `ttlSecondsAfterFinished`. */
function expire(context: ControllerContext, job: ValueObject): number | undefined {
  const seconds = numberAt(job, 'spec', 'ttlSecondsAfterFinished');
  if (seconds === undefined) return undefined;
  const leftMs =
    Date.parse(textAt(job, 'status', 'completionTime')) + seconds * 1_000 - Date.parse(context.nowText);
  if (leftMs > 0) return leftMs;
  removeChild(context, jobKind, job);
  return undefined;
}

function succeededPods(context: ControllerContext, job: ValueObject): number {
  return ownedBy(context, podKind, job).filter((pod) => textAt(pod, 'status', 'phase') === 'Succeeded')
    .length;
}
