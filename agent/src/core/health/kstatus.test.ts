import { describe, expect, it } from 'vitest';
import { judgeAsUpstream } from './kstatus.ts';
import { crd, custom, deployment, full, job, make, pod, type Row, rolledOut } from './kstatus-fixture.ts';

const generic: readonly Row[] = [
  [
    'deletion wins over everything',
    deployment({ replicas: 2 }, full, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    'Terminating',
  ],
  [
    'an unobserved generation',
    deployment({ replicas: 2 }, { ...full, observedGeneration: 1 }, { generation: 2 }),
    'InProgress',
    'LatestGenerationNotObserved',
  ],
  ['a missing observedGeneration', deployment({ replicas: 2 }, full, { generation: 7 }), 'Current'],
  [
    'Reconciling before Stalled in list order',
    custom({
      conditions: [
        { type: 'Reconciling', status: 'True', reason: 'R' },
        { type: 'Stalled', status: 'True', reason: 'S' },
      ],
    }),
    'InProgress',
    'R',
  ],
  [
    'Stalled before Reconciling in list order',
    custom({
      conditions: [
        { type: 'Stalled', status: 'True', reason: 'S' },
        { type: 'Reconciling', status: 'True', reason: 'R' },
      ],
    }),
    'Failed',
    'S',
  ],
  ['Ready True', custom({ conditions: [{ type: 'Ready', status: 'True' }] }), 'Current'],
  [
    'Ready False',
    custom({ conditions: [{ type: 'Ready', status: 'False', reason: 'No' }] }),
    'InProgress',
    'No',
  ],
  [
    'Ready Unknown',
    custom({ conditions: [{ type: 'Ready', status: 'Unknown', reason: 'U' }] }),
    'InProgress',
    'U',
  ],
  ['no conditions at all', custom(undefined), 'Current'],
  ['a status of the wrong type', custom({ conditions: 'broken' }), 'Current'],
];

const deployments: readonly Row[] = [
  ['all counters full', deployment({ replicas: 2 }, full), 'Current'],
  ['replicas absent means 1', deployment({}, { conditions: rolledOut }), 'InProgress', 'LessReplicas'],
  ['zero wanted', deployment({ replicas: 0 }, { conditions: rolledOut }), 'Current'],
  [
    'deadline exceeded beats counters',
    deployment(
      { replicas: 2 },
      { conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] },
    ),
    'Failed',
    'ProgressDeadlineExceeded',
  ],
  ['too few', deployment({ replicas: 3 }, full), 'InProgress', 'LessReplicas'],
  [
    'too few updated',
    deployment({ replicas: 2 }, { ...full, updatedReplicas: 1 }),
    'InProgress',
    'LessUpdated',
  ],
  ['too many', deployment({ replicas: 2 }, { ...full, replicas: 3 }), 'InProgress', 'ExtraReplicas'],
  [
    'too few available',
    deployment({ replicas: 2 }, { ...full, availableReplicas: 1 }),
    'InProgress',
    'LessAvailable',
  ],
  ['too few ready', deployment({ replicas: 2 }, { ...full, readyReplicas: 1 }), 'InProgress', 'LessReady'],
  [
    'no new ReplicaSet yet',
    deployment({ replicas: 2 }, { ...full, conditions: [rolledOut[1]] }),
    'InProgress',
    'ReplicaSetNotAvailable',
  ],
  [
    'not available',
    deployment({ replicas: 2 }, { ...full, conditions: [rolledOut[0]] }),
    'InProgress',
    'DeploymentNotAvailable',
  ],
  [
    'without a deadline Progressing is not awaited',
    deployment(
      { replicas: 2, progressDeadlineSeconds: 2_147_483_647 },
      { ...full, conditions: [rolledOut[1]] },
    ),
    'Current',
  ],
  [
    'of group extensions',
    { ...deployment({ replicas: 3 }, full), apiVersion: 'extensions/v1beta1' },
    'InProgress',
  ],
  [
    'of another group has no rule',
    { ...deployment({ replicas: 3 }, full), apiVersion: 'example.org/v1' },
    'Current',
  ],
];

const unschedulable = {
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }],
};

const rest: readonly Row[] = [
  ['Pod succeeded', pod({ phase: 'Succeeded' }), 'Current'],
  ['Pod failed', pod({ phase: 'Failed' }), 'Current'],
  ['Pod ready', pod({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }), 'Current'],
  [
    'Pod in a crash loop',
    pod({
      phase: 'Running',
      containerStatuses: [{ name: 'c', state: { waiting: { reason: 'CrashLoopBackOff' } } }],
    }),
    'Failed',
    'ContainerCrashLooping',
  ],
  ['Pod running', pod({ phase: 'Running' }), 'InProgress', 'PodRunningNotReady'],
  ['Pod young and unschedulable', pod(unschedulable), 'InProgress', 'PodNotScheduled', 14_999],
  ['Pod old and unschedulable', pod(unschedulable), 'Failed', 'PodUnschedulable', 15_000],
  ['Pod pending', pod({ phase: 'Pending' }), 'InProgress', 'PodPending', 60_000],
  ['Pod without a phase', pod({}), 'InProgress', 'PodNotObserved'],
  ['Pod of an unknown phase', pod({ phase: 'Dreaming' }), 'Unknown'],
  ['Job complete', job({ conditions: [{ type: 'Complete', status: 'True' }] }), 'Current'],
  [
    'Job failed',
    job({ conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] }),
    'Failed',
    'BackoffLimitExceeded',
  ],
  [
    'Job suspended',
    job({ conditions: [{ type: 'Suspended', status: 'True' }] }, { suspend: true }),
    'Current',
  ],
  ['Job not started', job({}), 'InProgress', 'JobNotStarted'],
  ['Job running', job({ startTime: '2026-01-01T00:00:00Z' }), 'Current'],
  ['CronJob', make('batch/v1', 'CronJob', {}), 'Current'],
  ['ConfigMap', make('v1', 'ConfigMap', {}), 'Current'],
  ['Secret', make('v1', 'Secret', {}), 'Current'],
  [
    'PodDisruptionBudget unobserved',
    make('policy/v1', 'PodDisruptionBudget', {
      metadata: { generation: 2 },
      status: { observedGeneration: 1 },
    }),
    'InProgress',
  ],
  [
    'PodDisruptionBudget observed',
    make('policy/v1', 'PodDisruptionBudget', {
      metadata: { generation: 2 },
      status: { observedGeneration: 2 },
    }),
    'Current',
  ],
  ['PVC bound', make('v1', 'PersistentVolumeClaim', { status: { phase: 'Bound' } }), 'Current'],
  [
    'PVC pending',
    make('v1', 'PersistentVolumeClaim', { status: { phase: 'Pending' } }),
    'InProgress',
    'NotBound',
  ],
  [
    'Service without an address',
    make('v1', 'Service', { spec: { type: 'LoadBalancer' } }),
    'InProgress',
    'NoIpAssigned',
  ],
  [
    'Service with only a cluster address',
    make('v1', 'Service', { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' } }),
    'Current',
  ],
  ['Service without a type', make('v1', 'Service', { spec: {} }), 'Current'],
  [
    'CRD refused names',
    crd([{ type: 'NamesAccepted', status: 'False', reason: 'Taken' }]),
    'Failed',
    'Taken',
  ],
  [
    'CRD not established',
    crd([{ type: 'Established', status: 'False', reason: 'Broken' }]),
    'Failed',
    'Broken',
  ],
  [
    'CRD installing',
    crd([{ type: 'Established', status: 'False', reason: 'Installing' }]),
    'InProgress',
    'Installing',
  ],
  [
    'CRD established',
    crd([
      { type: 'NamesAccepted', status: 'True' },
      { type: 'Established', status: 'True' },
    ]),
    'Current',
  ],
  [
    'CRD established before a refused name in list order',
    crd([
      { type: 'Established', status: 'True' },
      { type: 'NamesAccepted', status: 'False' },
    ]),
    'Current',
  ],
  ['CRD without conditions', crd([]), 'InProgress', 'Installing'],
];

describe('kstatus, row by row of the reference table: generic rules, Deployments and small kinds', () => {
  const rows = [...generic, ...deployments, ...rest].map((row) => ({ name: row[0], row }));
  it.each(rows)('$name', ({ row }) => {
    const [, object, status, reason, ageMs] = row;
    const verdict = judgeAsUpstream(object, ageMs ?? 0);
    expect(verdict.status).toBe(status);
    if (reason !== undefined) expect(verdict.reason).toBe(reason);
  });
});
