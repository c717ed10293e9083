import type { KubeObject } from '@flotilla/shared/model';
import { groupVersionOf } from '@flotilla/shared/model';
import { conditionsOf, fieldAt, findCondition, isRecord, textAt } from './fields.ts';
import { type KindRule, ruleKeyOf, upstreamRules } from './kstatus.ts';
import { judgePodAsUpstream } from './other-rules.ts';
import { current, failed, inProgress, type Verdict } from './verdict.ts';
import { isSuspended } from './workload-rules.ts';

/** How long a custom resource may go without a first status before "no status" counts as "needs none" (kluctl's 15 s). */
export const firstStatusGraceMs = 15_000;

/**
 * Rules that kstatus lacks or that are unsafe for "proven healthy", by name. They replace the kind's upstream rule; the
 * generic steps before it (deletion, observed generation, Reconciling, Stalled) stay.
 */
export const gapRules: ReadonlyMap<string, KindRule> = new Map<string, KindRule>([
  ['batch/Job', jobRunsToItsEnd],
  ['/Pod', managedPodMustNotFail],
  ['/Namespace', namespaceIsActive],
  ['apiregistration.k8s.io/APIService', apiServiceIsAvailable],
  ['gateway.networking.k8s.io/Gateway', gatewayIsProgrammed],
]);

/** The rule that the product uses for an object: ours, else kstatus', else none. */
export function ruleFor(object: KubeObject): KindRule | undefined {
  const key = ruleKeyOf(object);
  return gapRules.get(key) ?? upstreamRules.get(key);
}

/**
 * A custom resource with a status subresource and no status yet is on its way for `firstStatusGraceMs`: its controller
 * has not seen it. Afterwards kstatus' answer (Current) stands, because many kinds never get a status.
 */
export function awaitFirstStatus(object: KubeObject, hasStatus: boolean, ageMs: number): Verdict | undefined {
  if (!hasStatus || ageMs >= firstStatusGraceMs || !isCustomResource(object)) return undefined;
  const status = fieldAt(object, 'status');
  if (isRecord(status) && Object.keys(status).length > 0) return undefined;
  return {
    ...inProgress('NoStatusYet', 'its controller has not written a status yet'),
    recheckAfterMs: firstStatusGraceMs - ageMs,
  };
}

/** True when the API server does not build the kind in. */
export function isCustomResource(object: KubeObject): boolean {
  const { group } = groupVersionOf(object.apiVersion);
  return group.includes('.') && !builtInGroups.has(group);
}

/** Groups with a dot that the API server itself serves (Kubernetes 1.36). */
const builtInGroups: ReadonlySet<string> = new Set(
  [
    'admissionregistration',
    'apiextensions',
    'apiregistration',
    'authentication',
    'authorization',
    'certificates',
    'coordination',
    'discovery',
    'events',
    'flowcontrol.apiserver',
    'internal.apiserver',
    'networking',
    'node',
    'rbac.authorization',
    'resource',
    'scheduling',
    'storage',
    'storagemigration',
  ].map((name) => `${name}.k8s.io`),
);

/** As Flux does: a Job is well when it is complete, not while it runs. */
function jobRunsToItsEnd(object: KubeObject): Verdict {
  if (isSuspended(object)) return current('suspended');
  for (const one of conditionsOf(object)) {
    if (one.status !== 'True') continue;
    if (one.type === 'Complete') return current('completed');
    if (one.type === 'Failed') return failed(one.reason || 'JobFailed', one.message || 'the Job failed');
  }
  const hasStarted = textAt(object, ['status', 'startTime']) !== '';
  return hasStarted
    ? inProgress('JobRunning', 'the Job runs')
    : inProgress('JobNotStarted', 'the Job has not started');
}

/** kstatus calls a failed Pod Current, which is right for a Job's pods but not for one that Git asks for. */
function managedPodMustNotFail(object: KubeObject, ageMs: number): Verdict {
  if (textAt(object, ['status', 'phase']) !== 'Failed') return judgePodAsUpstream(object, ageMs);
  const message = textAt(object, ['status', 'message']) || 'the pod failed';
  return failed(textAt(object, ['status', 'reason']) || 'PodFailed', message);
}

function namespaceIsActive(object: KubeObject): Verdict {
  const phase = textAt(object, ['status', 'phase']);
  if (phase === 'Active') return current('active');
  return inProgress('NamespaceNotActive', `phase ${phase || 'not set yet'}`);
}

function apiServiceIsAvailable(object: KubeObject): Verdict {
  const available = findCondition(object, 'Available');
  if (available?.status === 'True') return current(available.message || 'available');
  return inProgress(available?.reason || 'ApiNotAvailable', available?.message || 'not available yet');
}

/** Gateway API: `Programmed` says that the data plane has it. */
function gatewayIsProgrammed(object: KubeObject): Verdict {
  const programmed = findCondition(object, 'Programmed');
  if (programmed?.status === 'True') return current(programmed.message || 'programmed');
  const blocking = [findCondition(object, 'Accepted'), programmed].find((one) => one?.status === 'False');
  const told = blocking ?? programmed;
  return inProgress(told?.reason || 'GatewayNotProgrammed', told?.message || 'not programmed yet');
}
