import type { ValueObject } from '../values.ts';
import { numberAt, objectAt, textAt, valueAt } from '../values.ts';
import type { ControllerContext, Reconcile } from './context.ts';
import { find, isLeaving, kindNamed, nameOf, ownedBy, removeChild, setStatus } from './context.ts';
import { createPod, isReadyPod, templateHash } from './pods.ts';

const statefulSetKind = kindNamed('StatefulSet');
const podKind = kindNamed('Pod');
const revisionLabel = 'controller-revision-hash';

/**
 * Keeps the numbered pods of a StatefulSet, in order unless it says otherwise, and rolls new templates out from the
 * highest number down (pkg/controller/statefulset). Claims of volumeClaimTemplates are not made.
 */
export const reconcileStatefulSet: Reconcile = (context, key) => {
  const set = find(context, statefulSetKind, key);
  if (set === undefined || isLeaving(set)) return undefined;
  step(context, set);
  const live = find(context, statefulSetKind, key);
  if (live !== undefined) setStatus(context, statefulSetKind, live, statusOf(context, live));
  return undefined;
};

/** The pod of a number, if it is there. */
interface Slot {
  readonly number: number;
  readonly pod: ValueObject | undefined;
}

function step(context: ControllerContext, set: ValueObject): void {
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
  const pods = ownedBy(context, podKind, set);
  const slots = Array.from(
    { length: wanted },
    (_, number): Slot => ({
      number,
      pod: pods.find((pod) => nameOf(pod) === `${nameOf(set)}-${number}`),
    }),
  );
  const isParallel = textAt(set, 'spec', 'podManagementPolicy') === 'Parallel';
  if (!fill(context, set, slots, isParallel)) return;
  if (!shrink(context, pods, { set, wanted, isParallel })) return;
  rollOne(context, set, slots);
}

/** Makes missing pods; in order, each waits for the one before it. True when all are there (and ready, in order). */
function fill(
  context: ControllerContext,
  set: ValueObject,
  slots: readonly Slot[],
  isParallel: boolean,
): boolean {
  let isComplete = true;
  for (const slot of slots) {
    if (slot.pod === undefined) createNumbered(context, set, slot.number);
    const isSettled = slot.pod !== undefined && !isLeaving(slot.pod) && isReadyPod(slot.pod);
    if (isSettled) continue;
    isComplete = false;
    if (!isParallel) return false;
  }
  return isComplete;
}

function createNumbered(context: ControllerContext, set: ValueObject, number: number): void {
  const name = `${nameOf(set)}-${number}`;
  const serviceName = textAt(set, 'spec', 'serviceName');
  createPod(context, set, objectAt(set, 'spec', 'template'), {
    name,
    labels: {
      'apps.kubernetes.io/pod-index': String(number),
      [revisionLabel]: updateRevisionOf(set),
      'statefulset.kubernetes.io/pod-name': name,
    },
    spec: { hostname: name, ...(serviceName === '' ? {} : { subdomain: serviceName }) },
  });
}

interface Shrinking {
  readonly set: ValueObject;
  readonly wanted: number;
  readonly isParallel: boolean;
}

/** Takes surplus pods away from the top; in order, one at a time. */
function shrink(context: ControllerContext, pods: readonly ValueObject[], input: Shrinking): boolean {
  const surplus = pods
    .filter((pod) => numberOf(pod) >= input.wanted)
    .sort((left, right) => numberOf(right) - numberOf(left));
  for (const pod of surplus) {
    if (!isLeaving(pod)) removeChild(context, podKind, pod);
    if (!input.isParallel) break;
  }
  return surplus.length === 0;
}

/** Replaces the highest pod of an older template, once every pod is ready. */
function rollOne(context: ControllerContext, set: ValueObject, slots: readonly Slot[]): void {
  if (textAt(set, 'spec', 'updateStrategy', 'type') === 'OnDelete') return;
  const partition = numberAt(set, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
  const revision = updateRevisionOf(set);
  const outdated = slots.findLast(
    ({ number, pod }) => number >= partition && pod !== undefined && revisionOf(pod) !== revision,
  );
  if (outdated?.pod !== undefined) removeChild(context, podKind, outdated.pod);
}

function statusOf(context: ControllerContext, set: ValueObject): ValueObject {
  const pods = ownedBy(context, podKind, set).filter((pod) => !isLeaving(pod));
  const updateRevision = updateRevisionOf(set);
  const ready = pods.filter(isReadyPod);
  const updated = pods.filter((pod) => revisionOf(pod) === updateRevision);
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
  const isRolledOut = updated.length === wanted && ready.length === wanted && pods.length === wanted;
  const before = textAt(set, 'status', 'currentRevision');
  const currentRevision = isRolledOut || before === '' ? updateRevision : before;
  return {
    observedGeneration: numberAt(set, 'metadata', 'generation') ?? 0,
    replicas: pods.length,
    readyReplicas: ready.length,
    availableReplicas: ready.length,
    currentReplicas: pods.filter((pod) => revisionOf(pod) === currentRevision).length,
    updatedReplicas: updated.length,
    currentRevision,
    updateRevision,
    collisionCount: 0,
  };
}

function updateRevisionOf(set: ValueObject): string {
  return `${nameOf(set)}-${templateHash(valueAt(set, 'spec', 'template') ?? null)}`;
}

function revisionOf(pod: ValueObject): string {
  return textAt(pod, 'metadata', 'labels', revisionLabel);
}

function numberOf(pod: ValueObject): number {
  return Number(textAt(pod, 'metadata', 'labels', 'apps.kubernetes.io/pod-index') || '-1');
}
