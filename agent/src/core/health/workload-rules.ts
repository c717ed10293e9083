import type { KubeObject } from '@flotilla/shared/model';
import { conditionsOf, numberAt, textAt } from './fields.ts';
import { current, failed, inProgress, type Verdict } from './verdict.ts';

/** `progressDeadlineSeconds` that stands for "no deadline" (math.MaxInt32). */
const noDeadlineSeconds = 2_147_483_647;

/** kstatus' deploymentConditions. */
export function judgeDeployment(object: KubeObject): Verdict {
  let isProgressing =
    numberAt(object, ['spec', 'progressDeadlineSeconds'], noDeadlineSeconds) === noDeadlineSeconds;
  let isAvailable = false;
  for (const one of conditionsOf(object)) {
    if (one.type === 'Progressing' && one.reason === 'ProgressDeadlineExceeded')
      return failed('ProgressDeadlineExceeded', one.message || 'progress deadline exceeded');
    if (one.type === 'Progressing' && one.status === 'True' && one.reason === 'NewReplicaSetAvailable')
      isProgressing = true;
    if (one.type === 'Available' && one.status === 'True') isAvailable = true;
  }
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const { replicas, updatedReplicas, readyReplicas, availableReplicas } = counters(object);
  if (wanted > replicas) return inProgress('LessReplicas', `replicas: ${replicas}/${wanted}`);
  if (wanted > updatedReplicas) return inProgress('LessUpdated', `updated: ${updatedReplicas}/${wanted}`);
  if (replicas > wanted) return inProgress('ExtraReplicas', `pending termination: ${replicas - wanted}`);
  if (updatedReplicas > availableReplicas)
    return inProgress('LessAvailable', `available: ${availableReplicas}/${updatedReplicas}`);
  if (wanted > readyReplicas) return inProgress('LessReady', `ready: ${readyReplicas}/${wanted}`);
  if (!isProgressing) return inProgress('ReplicaSetNotAvailable', 'the new ReplicaSet is not available');
  if (!isAvailable) return inProgress('DeploymentNotAvailable', 'the Deployment is not available');
  return current(`available with ${replicas} replicas`);
}

/** kstatus' replicasetConditions. */
export function judgeReplicaSet(object: KubeObject): Verdict {
  const failure = conditionsOf(object).find((one) => one.type === 'ReplicaFailure' && one.status === 'True');
  if (failure !== undefined) return inProgress('ReplicaFailure', failure.message || 'replicas fail');
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const { replicas, fullyLabeledReplicas, readyReplicas, availableReplicas } = counters(object);
  if (wanted > fullyLabeledReplicas)
    return inProgress('LessLabelled', `labelled: ${fullyLabeledReplicas}/${wanted}`);
  if (wanted > availableReplicas)
    return inProgress('LessAvailable', `available: ${availableReplicas}/${wanted}`);
  if (wanted > readyReplicas) return inProgress('LessReady', `ready: ${readyReplicas}/${wanted}`);
  if (replicas > wanted) return inProgress('ExtraReplicas', `pending termination: ${replicas - wanted}`);
  return current(`available with ${replicas} replicas`);
}

/** kstatus' stsConditions. */
export function judgeStatefulSet(object: KubeObject): Verdict {
  const strategy = textAt(object, ['spec', 'updateStrategy', 'type']);
  if (strategy === 'OnDelete') return current('updated by hand: OnDelete');
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const { replicas, updatedReplicas, readyReplicas, currentReplicas } = counters(object);
  if (wanted > replicas) return inProgress('LessReplicas', `replicas: ${replicas}/${wanted}`);
  if (wanted > readyReplicas) return inProgress('LessReady', `ready: ${readyReplicas}/${wanted}`);
  if (replicas > wanted) return inProgress('ExtraReplicas', `pending termination: ${replicas - wanted}`);
  const partition = numberAt(object, ['spec', 'updateStrategy', 'rollingUpdate', 'partition'], -1);
  if (partition !== -1) {
    if (updatedReplicas < wanted - partition)
      return inProgress('PartitionRollout', `updated: ${updatedReplicas}/${wanted - partition}`);
    return current(`partition rolled out, updated: ${updatedReplicas}`);
  }
  if (wanted > currentReplicas) return inProgress('LessCurrent', `current: ${currentReplicas}/${wanted}`);
  if (textAt(object, ['status', 'currentRevision']) !== textAt(object, ['status', 'updateRevision']))
    return inProgress('RevisionMismatch', 'waiting for the updated revision to become the current one');
  return current(`all replicas scheduled as expected: ${replicas}`);
}

/** kstatus' daemonsetConditions: unlike elsewhere, an unobserved generation is not tolerated. */
export function judgeDaemonSet(object: KubeObject): Verdict {
  if (object.metadata.generation === undefined)
    return inProgress('NoGeneration', 'metadata.generation is missing');
  if (numberAt(object, ['status', 'observedGeneration'], -1) === -1)
    return inProgress('NoObservedGeneration', 'status.observedGeneration is missing');
  const wanted = numberAt(object, ['status', 'desiredNumberScheduled'], -1);
  if (wanted === -1) return inProgress('NoDesiredNumber', 'status.desiredNumberScheduled is missing');
  const scheduled = statusNumber(object, 'currentNumberScheduled');
  const updated = statusNumber(object, 'updatedNumberScheduled');
  const available = statusNumber(object, 'numberAvailable');
  const ready = statusNumber(object, 'numberReady');
  if (wanted > scheduled) return inProgress('LessCurrent', `current: ${scheduled}/${wanted}`);
  if (wanted > updated) return inProgress('LessUpdated', `updated: ${updated}/${wanted}`);
  if (wanted > available) return inProgress('LessAvailable', `available: ${available}/${wanted}`);
  if (wanted > ready) return inProgress('LessReady', `ready: ${ready}/${wanted}`);
  return current(`all replicas scheduled as expected: ${wanted}`);
}

/** kstatus' jobConditions: a running Job is Current. The product replaces it, see gap-rules.ts. */
export function judgeJobAsUpstream(object: KubeObject): Verdict {
  for (const one of conditionsOf(object)) {
    if (one.status !== 'True') continue;
    if (one.type === 'Complete') return current('completed');
    if (one.type === 'Failed') return failed(one.reason || 'JobFailed', one.message || 'the Job failed');
    if (one.type === 'Suspended' && isSuspended(object)) return current('suspended');
  }
  if (textAt(object, ['status', 'startTime']) === '') return inProgress('JobNotStarted', 'not started');
  return current('in progress');
}

/** True for `spec.suspend: true`. */
export function isSuspended(object: KubeObject): boolean {
  const spec = object['spec'];
  return typeof spec === 'object' && spec !== null && 'suspend' in spec && spec.suspend === true;
}

function counters(object: KubeObject) {
  return {
    replicas: statusNumber(object, 'replicas'),
    updatedReplicas: statusNumber(object, 'updatedReplicas'),
    readyReplicas: statusNumber(object, 'readyReplicas'),
    availableReplicas: statusNumber(object, 'availableReplicas'),
    currentReplicas: statusNumber(object, 'currentReplicas'),
    fullyLabeledReplicas: statusNumber(object, 'fullyLabeledReplicas'),
  };
}

function statusNumber(object: KubeObject, name: string): number {
  return numberAt(object, ['status', name], 0);
}
