import type { KubeObject } from '@flotilla/shared/model';
import { conditionsOf, fieldAt, isRecord, listAt, numberAt, textAt } from './fields.ts';
import { failed, inProgress, type Verdict } from './verdict.ts';

/** A reason why a workload's pod does not come up, and since when it has been seen without a break. */
export interface PodTrouble {
  /** `pod/container` or `pod`: what a repeated sighting is recognised by. */
  readonly subject: string;
  readonly reason: string;
  readonly message: string;
  /** Monotonic. */
  readonly sinceMs: number;
}

/** An image that cannot be pulled may be a registry's hiccup: it fails the workload only after this. */
export const pullGraceMs = 20_000;

/** Restarts after which a container that keeps ending with an error counts as crash-looping also between two crashes. */
const restartsMax = 3;

/** Waiting reasons that do not pass by themselves, with the time they get. */
const graceByReasonMs: ReadonlyMap<string, number> = new Map([
  ['CrashLoopBackOff', 0],
  ['ErrImagePull', pullGraceMs],
  ['ImagePullBackOff', pullGraceMs],
  ['ErrImageNeverPull', 0],
  ['InvalidImageName', 0],
  ['CreateContainerConfigError', pullGraceMs],
  ['CreateContainerError', pullGraceMs],
  ['RunContainerError', pullGraceMs],
]);

/**
 * What is wrong with the pods of one workload now, sorted by subject; `before` keeps the times of what was already
 * seen. Pods that are being deleted are left out: they belong to a past that is going away.
 */
export function findPodTroubles(
  pods: readonly KubeObject[],
  before: readonly PodTrouble[],
  nowMs: number,
): readonly PodTrouble[] {
  const sinceMs = new Map(before.map((one) => [one.subject, one.sinceMs]));
  return pods
    .filter((pod) => pod.metadata.deletionTimestamp === undefined)
    .flatMap(troublesOf)
    .map((one) => ({ ...one, sinceMs: sinceMs.get(one.subject) ?? nowMs }))
    .sort((left, right) => (left.subject < right.subject ? -1 : 1));
}

/** What a workload's pods say about it while its own verdict is InProgress; undefined = nothing. */
export function judgePodTroubles(troubles: readonly PodTrouble[], nowMs: number): Verdict | undefined {
  const failing = troubles.find((one) => remainingMs(one, nowMs) <= 0);
  if (failing !== undefined) return failed(failing.reason, `${failing.subject}: ${failing.message}`);
  const [first] = troubles;
  if (first === undefined) return undefined;
  const verdict = inProgress(first.reason, `${first.subject}: ${first.message}`);
  const waits = troubles.map((one) => remainingMs(one, nowMs)).filter(Number.isFinite);
  return waits.length === 0 ? verdict : { ...verdict, recheckAfterMs: Math.min(...waits) };
}

function remainingMs(trouble: PodTrouble, nowMs: number): number {
  const graceMs = graceByReasonMs.get(trouble.reason) ?? Number.POSITIVE_INFINITY;
  return trouble.sinceMs + graceMs - nowMs;
}

type Sighting = Omit<PodTrouble, 'sinceMs'>;

function troublesOf(pod: KubeObject): readonly Sighting[] {
  const containers = [
    ...listAt(pod, 'status', 'initContainerStatuses'),
    ...listAt(pod, 'status', 'containerStatuses'),
  ];
  const found = containers.filter(isRecord).flatMap((one) => troubleOfContainer(pod, one));
  return found.length > 0 ? found : unschedulable(pod);
}

/** A pod that finds no node is told, but never fails the workload: an autoscaler may be adding one (as Flux does). */
function unschedulable(pod: KubeObject): readonly Sighting[] {
  const condition = conditionsOf(pod).find((one) => one.type === 'PodScheduled' && one.status === 'False');
  if (condition?.reason !== 'Unschedulable') return [];
  return [{ subject: pod.metadata.name, reason: 'Unschedulable', message: condition.message }];
}

function troubleOfContainer(pod: KubeObject, status: object): readonly Sighting[] {
  const subject = `${pod.metadata.name}/${textAt(status, ['name'])}`;
  const waiting = textAt(status, ['state', 'waiting', 'reason']);
  if (graceByReasonMs.has(waiting)) {
    const message = textAt(status, ['state', 'waiting', 'message']) || lastEnd(status) || waiting;
    return [{ subject, reason: waiting, message }];
  }
  const keepsCrashing =
    fieldAt(status, 'ready') !== true &&
    numberAt(status, ['restartCount'], 0) >= restartsMax &&
    numberAt(status, ['lastState', 'terminated', 'exitCode'], 0) !== 0;
  return keepsCrashing ? [{ subject, reason: 'CrashLoopBackOff', message: lastEnd(status) }] : [];
}

function lastEnd(status: object): string {
  const exitCode = numberAt(status, ['lastState', 'terminated', 'exitCode'], -1);
  if (exitCode === -1) return '';
  const reason = textAt(status, ['lastState', 'terminated', 'reason']);
  return `last ended with exit code ${exitCode}${reason === '' ? '' : ` (${reason})`}`;
}
