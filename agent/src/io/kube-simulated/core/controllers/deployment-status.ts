import type { ValueObject } from '../values.ts';
import { numberAt, objectsAt, textAt, withValue } from '../values.ts';
import type { ConditionState } from './conditions.ts';
import { conditionOf, setCondition } from './conditions.ts';
import type { ControllerContext } from './context.ts';
import { kindNamed, nameOf, setStatus } from './context.ts';
import type { DeploymentSets } from './deployment-sets.ts';
import { revisionAnnotation, revisionOf } from './deployment-sets.ts';
import { rolloutBounds } from './rollout-plan.ts';

const deploymentKind = kindNamed('Deployment');

interface Counts {
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
}

/**
 * Writes counts and conditions of a Deployment (pkg/controller/deployment/progress.go). Answers in how many milliseconds
 * its progress deadline passes, while it is running.
 */
export function writeDeploymentStatus(
  context: ControllerContext,
  deployment: ValueObject,
  sets: DeploymentSets,
): number | undefined {
  const counts = countsOf(sets);
  const wanted = numberAt(deployment, 'spec', 'replicas') ?? 1;
  const available = setCondition(
    objectsAt(deployment, 'status', 'conditions'),
    availability(deployment, wanted, counts.availableReplicas),
    context.nowText,
  );
  const progress = progressOf(context, deployment, { sets, counts, wanted });
  const conditions = refreshed(
    setCondition(available, progress.condition, context.nowText),
    progress,
    context.nowText,
  );
  const status = {
    observedGeneration: numberAt(deployment, 'metadata', 'generation') ?? 0,
    ...counts,
    unavailableReplicas: Math.max(0, totalOf(sets) - counts.availableReplicas),
    terminatingReplicas: 0,
    conditions,
  };
  const revision = sets.current === undefined ? 0 : revisionOf(sets.current);
  const revised =
    revision === 0
      ? deployment
      : withValue(deployment, ['metadata', 'annotations', revisionAnnotation], String(revision));
  setStatus(context, deploymentKind, revised, status);
  return progress.deadlineMs;
}

function countsOf(sets: DeploymentSets): Counts {
  const all = sets.current === undefined ? sets.old : [sets.current, ...sets.old];
  const total = (field: string) => all.reduce((sum, set) => sum + (numberAt(set, 'status', field) ?? 0), 0);
  return {
    replicas: total('replicas'),
    updatedReplicas: numberAt(sets.current, 'status', 'replicas') ?? 0,
    readyReplicas: total('readyReplicas'),
    availableReplicas: total('availableReplicas'),
  };
}

/** Pods that should be there by the sizes of the sets. */
function totalOf(sets: DeploymentSets): number {
  const all = sets.current === undefined ? sets.old : [sets.current, ...sets.old];
  return all.reduce((sum, set) => sum + (numberAt(set, 'spec', 'replicas') ?? 0), 0);
}

function availability(deployment: ValueObject, wanted: number, available: number): ConditionState {
  const isRolling = textAt(deployment, 'spec', 'strategy', 'type') !== 'Recreate';
  const minimum = wanted - (isRolling ? rolloutBounds(deployment, wanted).unavailable : 0);
  return available >= minimum
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

interface ProgressInput {
  readonly sets: DeploymentSets;
  readonly counts: Counts;
  readonly wanted: number;
}

interface Progress {
  readonly condition: ConditionState;
  /** Progress was made: the condition's update time is now even when it stays the same. */
  readonly hasMoved: boolean;
  readonly deadlineMs: number | undefined;
}

function progressOf(context: ControllerContext, deployment: ValueObject, input: ProgressInput): Progress {
  const { counts, wanted } = input;
  const name = input.sets.current === undefined ? nameOf(deployment) : nameOf(input.sets.current);
  const subject = input.sets.current === undefined ? `Deployment "${name}"` : `ReplicaSet "${name}"`;
  const isComplete =
    counts.updatedReplicas === wanted &&
    counts.replicas === wanted &&
    counts.availableReplicas === wanted &&
    numberAt(deployment, 'status', 'observedGeneration') !== undefined;
  if (isComplete) return settled('NewReplicaSetAvailable', `${subject} has successfully progressed.`);
  const current = conditionOf(deployment, 'Progressing');
  if (current === undefined || isOfOldSet(current, name))
    return moving('NewReplicaSetCreated', `Created new replica set "${name}"`, deployment, 0);
  // A rollout that was complete stays so while the Deployment is only scaled.
  if (textAt(current, 'reason') === 'NewReplicaSetAvailable' && counts.replicas === counts.updatedReplicas)
    return settled('NewReplicaSetAvailable', textAt(current, 'message'));
  if (hasProgressed(deployment, counts))
    return moving('ReplicaSetUpdated', `${subject} is progressing.`, deployment, 0);
  const elapsedMs = Date.parse(context.nowText) - Date.parse(textAt(current, 'lastUpdateTime'));
  const deadlineMs = deadlineOf(deployment);
  if (textAt(current, 'reason') === 'ProgressDeadlineExceeded' || elapsedMs >= deadlineMs)
    return {
      condition: {
        type: 'Progressing',
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: `${subject} has timed out progressing.`,
      },
      hasMoved: false,
      deadlineMs: undefined,
    };
  const state = {
    type: 'Progressing',
    status: 'True',
    reason: textAt(current, 'reason'),
    message: textAt(current, 'message'),
  } as const;
  return { condition: state, hasMoved: false, deadlineMs: deadlineMs - elapsedMs };
}

/** A condition that speaks of the set of an earlier template says nothing about this one. */
function isOfOldSet(condition: ValueObject, name: string): boolean {
  return !textAt(condition, 'message').includes(`"${name}"`);
}

function hasProgressed(deployment: ValueObject, counts: Counts): boolean {
  const before = (field: string) => numberAt(deployment, 'status', field) ?? 0;
  const oldBefore = before('replicas') - before('updatedReplicas');
  return (
    counts.updatedReplicas > before('updatedReplicas') ||
    counts.replicas - counts.updatedReplicas < oldBefore ||
    counts.readyReplicas > before('readyReplicas') ||
    counts.availableReplicas > before('availableReplicas')
  );
}

function settled(reason: string, message: string): Progress {
  return {
    condition: { type: 'Progressing', status: 'True', reason, message },
    hasMoved: false,
    deadlineMs: undefined,
  };
}

function moving(reason: string, message: string, deployment: ValueObject, elapsedMs: number): Progress {
  return {
    condition: { type: 'Progressing', status: 'True', reason, message },
    hasMoved: true,
    deadlineMs: deadlineOf(deployment) - elapsedMs,
  };
}

function deadlineOf(deployment: ValueObject): number {
  return (numberAt(deployment, 'spec', 'progressDeadlineSeconds') ?? 600) * 1_000;
}

/** Keeps message and update time of the progress condition in step while its reason stays. */
function refreshed(
  conditions: readonly ValueObject[],
  progress: Progress,
  nowText: string,
): readonly ValueObject[] {
  return conditions.map((condition) => {
    if (condition['type'] !== 'Progressing') return condition;
    const updated = progress.hasMoved ? { lastUpdateTime: nowText } : {};
    return { ...condition, message: progress.condition.message, ...updated };
  });
}
