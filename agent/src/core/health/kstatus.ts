import type { KubeObject } from '@flotilla/shared/model';
import { groupVersionOf } from '@flotilla/shared/model';
import { conditionsOf, fieldAt } from './fields.ts';
import {
  judgeAsCurrent,
  judgeCustomResourceDefinition,
  judgePersistentVolumeClaim,
  judgePodAsUpstream,
  judgeService,
} from './other-rules.ts';
import { current, failed, inProgress, type Verdict } from './verdict.ts';
import {
  judgeDaemonSet,
  judgeDeployment,
  judgeJobAsUpstream,
  judgeReplicaSet,
  judgeStatefulSet,
} from './workload-rules.ts';

/** A rule for one group and kind; versions are ignored. `ageMs` is how long the object has been known. */
export type KindRule = (object: KubeObject, ageMs: number) => Verdict;

/** kstatus' table of kinds with a rule of their own (its legacyTypes), by `group/Kind`. */
export const upstreamRules: ReadonlyMap<string, KindRule> = new Map<string, KindRule>([
  ['/Service', judgeService],
  ['/Pod', judgePodAsUpstream],
  ['/Secret', judgeAsCurrent],
  ['/ConfigMap', judgeAsCurrent],
  ['/PersistentVolumeClaim', judgePersistentVolumeClaim],
  ['apps/StatefulSet', judgeStatefulSet],
  ['apps/DaemonSet', judgeDaemonSet],
  ['extensions/DaemonSet', judgeDaemonSet],
  ['apps/Deployment', judgeDeployment],
  ['extensions/Deployment', judgeDeployment],
  ['apps/ReplicaSet', judgeReplicaSet],
  ['extensions/ReplicaSet', judgeReplicaSet],
  ['policy/PodDisruptionBudget', judgeAsCurrent],
  ['batch/CronJob', judgeAsCurrent],
  ['batch/Job', judgeJobAsUpstream],
  ['apiextensions.k8s.io/CustomResourceDefinition', judgeCustomResourceDefinition],
]);

/** `group/Kind` of an object; the core group is empty. */
export function ruleKeyOf(object: KubeObject): string {
  return `${groupVersionOf(object.apiVersion).group}/${object.kind}`;
}

/** The verdict that kstatus gives, exactly: same inputs, same status. */
export function judgeAsUpstream(object: KubeObject, ageMs: number): Verdict {
  return judgeWith(upstreamRules.get(ruleKeyOf(object)), object, ageMs);
}

/** kstatus' order of evaluation with any rule in the place of the kind's own. */
export function judgeWith(rule: KindRule | undefined, object: KubeObject, ageMs: number): Verdict {
  return judgeGeneric(object) ?? rule?.(object, ageMs) ?? judgeReady(object) ?? current('exists');
}

/** What stands before every rule: an object that goes, or whose status speaks of an older generation; undefined = neither. */
export function judgeCurrency(object: KubeObject): Verdict | undefined {
  if ((object.metadata.deletionTimestamp ?? '') !== '')
    return { status: 'Terminating', reason: 'Terminating', message: 'being deleted' };
  const observed = fieldAt(object, 'status', 'observedGeneration');
  const generation = object.metadata.generation;
  if (generation !== undefined && typeof observed === 'number' && observed !== generation) {
    const message = `generation is ${generation}, the last observed one ${observed}`;
    return inProgress('LatestGenerationNotObserved', message);
  }
  return undefined;
}

function judgeGeneric(object: KubeObject): Verdict | undefined {
  const stale = judgeCurrency(object);
  if (stale !== undefined) return stale;
  for (const one of conditionsOf(object)) {
    if (one.status !== 'True') continue;
    if (one.type === 'Reconciling') return inProgress(one.reason, one.message);
    if (one.type === 'Stalled') return failed(one.reason, one.message);
  }
  return undefined;
}

/** A Ready condition that is not True is never Failed: controllers set it while they work. */
function judgeReady(object: KubeObject): Verdict | undefined {
  for (const one of conditionsOf(object)) {
    if (one.type !== 'Ready') continue;
    if (one.status === 'True') return current(one.message || 'ready');
    if (one.status === 'False' || one.status === 'Unknown') return inProgress(one.reason, one.message);
  }
  return undefined;
}
