import type { JobCheck, KubeObject } from '@flotilla/shared/model';
import { type JobCheckContext, jobFor } from './job-manifest.ts';

/** Test only. */
export const context: JobCheckContext = {
  placement: 'shop',
  version: '1.7',
  owner: 'hub/cluster',
  namespace: 'shop',
  agentNamespace: 'flotilla-system',
};

/** Test only. */
export const smoke: JobCheck = {
  name: 'smoke',
  timeoutMs: 60_000,
  kind: 'job',
  jobJson: JSON.stringify({ spec: { template: { spec: { containers: [{ name: 'a', image: 'b' }] } } } }),
};

/** Test only: the Job of `smoke` as it is made. */
export function madeJob() {
  const job = jobFor(smoke, context);
  if (!job.ok) throw new Error(job.error);
  return job.value;
}

/** Test only: a Job as it lives. */
export function liveJob(
  change: { readonly uid?: string; readonly deleting?: boolean; readonly end?: string } = {},
): KubeObject {
  const { object } = madeJob();
  const { uid = 'u1', deleting = false, end } = change;
  const conditions =
    end === undefined ? [] : [{ type: end, status: 'True', reason: 'Why', message: 'because' }];
  return {
    ...object,
    metadata: { ...object.metadata, uid, ...(deleting ? { deletionTimestamp: 'now' } : {}) },
    status: { conditions },
  };
}
