import type { KubeObject } from '@flotilla/shared/model';
import { conditionsOf, fieldAt, isRecord, listAt, numberAt, textAt } from '../health/fields.ts';
import { findPodTroubles } from '../health/index.ts';

/** How a Job ended, by its own conditions (batch/v1); undefined = it has not. */
export function endOf(job: KubeObject): 'complete' | 'failed' | undefined {
  for (const one of conditionsOf(job)) {
    if (one.status !== 'True') continue;
    if (one.type === 'Complete') return 'complete';
    if (one.type === 'Failed') return 'failed';
  }
  return undefined;
}

/** Why a Job failed: its own reason, then what its pods say. */
export function endedText(job: KubeObject, podsSay: string): string {
  const condition = conditionsOf(job).find((one) => one.type === 'Failed' && one.status === 'True');
  const own = [condition?.reason, condition?.message].filter((part) => part !== undefined && part !== '');
  const said = own.length === 0 ? 'the Job failed' : own.join(': ');
  return podsSay === '' ? said : `${said}; ${podsSay}`;
}

/** What the pods of a Job say of its trouble, the newest pod first; '' = nothing. */
export function podsText(pods: readonly KubeObject[]): string {
  const newestFirst = [...pods].sort((left, right) => (createdAt(left) < createdAt(right) ? 1 : -1));
  for (const pod of newestFirst) {
    const said = endedContainer(pod) ?? textOfPod(pod);
    if (said !== undefined) return said;
  }
  const [trouble] = findPodTroubles(pods, [], 0);
  return trouble === undefined ? '' : `${trouble.subject}: ${trouble.reason}: ${trouble.message}`;
}

function createdAt(pod: KubeObject): string {
  return pod.metadata.creationTimestamp ?? '';
}

/** The first container that ended with an error, init containers before the others. */
function endedContainer(pod: KubeObject): string | undefined {
  const containers = [
    ...listAt(pod, 'status', 'initContainerStatuses'),
    ...listAt(pod, 'status', 'containerStatuses'),
  ].filter(isRecord);
  for (const one of containers) {
    const ended = fieldAt(one, 'state', 'terminated') ?? fieldAt(one, 'lastState', 'terminated');
    const exitCode = numberAt(ended, ['exitCode'], 0);
    if (exitCode === 0) continue;
    const reason = textAt(ended, ['reason']);
    const message = textAt(ended, ['message']).trim();
    const subject = `${pod.metadata.name}/${textAt(one, ['name'])}`;
    const what = `ended with exit code ${exitCode}${reason === '' ? '' : ` (${reason})`}`;
    return `${subject}: ${what}${message === '' ? '' : `: ${message}`}`;
  }
  return undefined;
}

/** A pod that failed as a whole: evicted, its node gone. */
function textOfPod(pod: KubeObject): string | undefined {
  if (textAt(pod, ['status', 'phase']) !== 'Failed') return undefined;
  const parts = [textAt(pod, ['status', 'reason']), textAt(pod, ['status', 'message'])];
  const said = parts.filter((part) => part !== '').join(': ');
  return said === '' ? undefined : `${pod.metadata.name}: ${said}`;
}
