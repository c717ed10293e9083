import type { CheckedObject, ClusterCheck, KubeObject } from '@flotilla/shared/model';
import { fieldAt } from '../../core/index.ts';
import type { KubePort } from '../../ports.ts';
import { never, ref, type Stage } from './engine-world-fixture.ts';

/** Test only: checks as a row carries them. */
export const jobCheck = (name = 'smoke', spec: object = {}, timeoutMs = 60_000): ClusterCheck => ({
  name,
  timeoutMs,
  kind: 'job',
  jobJson: JSON.stringify({
    metadata: { labels: { team: 'shop' } },
    spec: { template: { spec: { containers: [{ name: 'main', image: 'smoke:1' }] } }, ...spec },
  }),
});
/** Test only. */
export const kstatusCheck = (object: Partial<CheckedObject>, timeoutMs = 60_000): ClusterCheck => ({
  name: 'ready',
  timeoutMs,
  kind: 'kstatus',
  object: { group: '', kind: 'ConfigMap', name: 'gate', namespace: undefined, ...object },
});
/** Test only. */
export const celCheck = (
  expression: string,
  object: Partial<CheckedObject> = {},
  timeoutMs = 60_000,
): ClusterCheck => ({
  name: 'asked',
  timeoutMs,
  kind: 'cel',
  expression,
  object: { group: '', kind: 'ConfigMap', name: 'gate', namespace: undefined, ...object },
});

/** Test only: the Jobs of checks in the namespace of the tests. */
export async function checkJobs(kube: KubePort, namespace = 'shop'): Promise<readonly KubeObject[]> {
  const selection = { kind: ref('Job', '', 'batch'), namespace, labelSelector: 'flotilla.dev/check' };
  return (await kube.list(selection, never)).items;
}

/** Test only: the end of a Job, written as its controller would. */
export async function endJob(kube: KubePort, job: KubeObject, type: 'Complete' | 'Failed'): Promise<void> {
  const at = new Date().toISOString();
  const before = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  const reason = type === 'Complete' ? 'CompletionsReached' : 'BackoffLimitExceeded';
  const condition = (name: string) => ({
    type: name,
    status: 'True',
    reason,
    message: type === 'Complete' ? 'enough pods succeeded' : 'it was tried often enough',
    lastProbeTime: at,
    lastTransitionTime: at,
  });
  const { name, namespace = '' } = job.metadata;
  const started = fieldAt(job, 'status', 'startTime') ?? at;
  await kube.apply(
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name, namespace },
      status: {
        startTime: started,
        ...(type === 'Complete' ? { completionTime: at, succeeded: 1 } : { failed: 1 }),
        conditions: [condition(before), condition(type)],
      },
    },
    { fieldManager: 'job', force: true, dryRun: false, fieldValidation: 'Strict', subresource: 'status' },
    never,
  );
}

/** Test only: a person deletes a Job. */
export async function deleteJob(kube: KubePort, job: KubeObject): Promise<void> {
  const { name, namespace, uid = '' } = job.metadata;
  const target = { group: 'batch', version: 'v1', kind: 'Job', namespace, name };
  const options = { uid, resourceVersion: undefined, propagation: 'Background', dryRun: false } as const;
  await kube.delete(target, options, never);
}

/** Test only: names of the Jobs that the agent made, in order. */
export function madeJobs({ cluster }: Stage): readonly string[] {
  return cluster.writes
    .entries()
    .filter((one) => one.user === 'agent' && one.verb === 'create' && one.ref.kind === 'Job' && one.isChanged)
    .map((one) => one.ref.name);
}

/** Test only: as the API server's authorizer says it. */
export function forbidden(verb: string) {
  const message = `jobs.batch "x" is forbidden: User "agent" cannot ${verb} resource "jobs" in API group "batch"`;
  return { code: 403, reason: 'Forbidden', message, causes: [], name: 'x', retryAfterMs: undefined };
}
