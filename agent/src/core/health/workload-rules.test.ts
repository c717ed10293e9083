import { describe, expect, it } from 'vitest';
import { judgeAsUpstream } from './kstatus.ts';
import { allScheduled, daemonSet, type Row, replicaSet, statefulSet } from './kstatus-fixture.ts';

const otherWorkloads: readonly Row[] = [
  [
    'ReplicaSet full',
    replicaSet(
      { replicas: 1 },
      { replicas: 1, fullyLabeledReplicas: 1, availableReplicas: 1, readyReplicas: 1 },
    ),
    'Current',
  ],
  [
    'ReplicaSet failure',
    replicaSet({ replicas: 0 }, { conditions: [{ type: 'ReplicaFailure', status: 'True' }] }),
    'InProgress',
    'ReplicaFailure',
  ],
  ['ReplicaSet unlabelled', replicaSet({ replicas: 1 }, {}), 'InProgress', 'LessLabelled'],
  [
    'ReplicaSet unavailable',
    replicaSet({ replicas: 1 }, { fullyLabeledReplicas: 1 }),
    'InProgress',
    'LessAvailable',
  ],
  [
    'ReplicaSet unready',
    replicaSet({ replicas: 1 }, { fullyLabeledReplicas: 1, availableReplicas: 1 }),
    'InProgress',
    'LessReady',
  ],
  ['ReplicaSet too many', replicaSet({ replicas: 0 }, { replicas: 1 }), 'InProgress', 'ExtraReplicas'],
  ['StatefulSet OnDelete', statefulSet({ replicas: 3, updateStrategy: { type: 'OnDelete' } }, {}), 'Current'],
  ['StatefulSet too few', statefulSet({ replicas: 3 }, { replicas: 2 }), 'InProgress', 'LessReplicas'],
  [
    'StatefulSet unready',
    statefulSet({ replicas: 2 }, { replicas: 2, readyReplicas: 1 }),
    'InProgress',
    'LessReady',
  ],
  [
    'StatefulSet too many',
    statefulSet({ replicas: 1 }, { replicas: 2, readyReplicas: 1 }),
    'InProgress',
    'ExtraReplicas',
  ],
  [
    'StatefulSet partition not reached',
    statefulSet(
      { replicas: 3, updateStrategy: { rollingUpdate: { partition: 1 } } },
      { replicas: 3, readyReplicas: 3, updatedReplicas: 1 },
    ),
    'InProgress',
    'PartitionRollout',
  ],
  [
    'StatefulSet partition reached ignores revisions',
    statefulSet(
      { replicas: 3, updateStrategy: { rollingUpdate: { partition: 1 } } },
      { replicas: 3, readyReplicas: 3, updatedReplicas: 2, currentRevision: 'a', updateRevision: 'b' },
    ),
    'Current',
  ],
  [
    'StatefulSet too few current',
    statefulSet({ replicas: 1 }, { replicas: 1, readyReplicas: 1 }),
    'InProgress',
    'LessCurrent',
  ],
  [
    'StatefulSet revisions differ',
    statefulSet(
      { replicas: 1 },
      { replicas: 1, readyReplicas: 1, currentReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
    ),
    'InProgress',
    'RevisionMismatch',
  ],
  [
    'StatefulSet full',
    statefulSet({ replicas: 1 }, { replicas: 1, readyReplicas: 1, currentReplicas: 1 }),
    'Current',
  ],
  ['DaemonSet without a generation', daemonSet(allScheduled, {}), 'InProgress', 'NoGeneration'],
  [
    'DaemonSet never observed',
    daemonSet({ desiredNumberScheduled: 0 }),
    'InProgress',
    'NoObservedGeneration',
  ],
  ['DaemonSet without a wish', daemonSet({ observedGeneration: 1 }), 'InProgress', 'NoDesiredNumber'],
  ['DaemonSet on no node', daemonSet({ observedGeneration: 1, desiredNumberScheduled: 0 }), 'Current'],
  [
    'DaemonSet too few current',
    daemonSet({ ...allScheduled, currentNumberScheduled: 2 }),
    'InProgress',
    'LessCurrent',
  ],
  [
    'DaemonSet too few updated',
    daemonSet({ ...allScheduled, updatedNumberScheduled: 2 }),
    'InProgress',
    'LessUpdated',
  ],
  [
    'DaemonSet too few available',
    daemonSet({ ...allScheduled, numberAvailable: 2 }),
    'InProgress',
    'LessAvailable',
  ],
  ['DaemonSet too few ready', daemonSet({ ...allScheduled, numberReady: 2 }), 'InProgress', 'LessReady'],
  ['DaemonSet full', daemonSet(allScheduled), 'Current'],
];

describe('kstatus, row by row of the reference table: ReplicaSets, StatefulSets and DaemonSets', () => {
  const rows = [...otherWorkloads].map((row) => ({ name: row[0], row }));
  it.each(rows)('$name', ({ row }) => {
    const [, object, status, reason, ageMs] = row;
    const verdict = judgeAsUpstream(object, ageMs ?? 0);
    expect(verdict.status).toBe(status);
    if (reason !== undefined) expect(verdict.reason).toBe(reason);
  });
});
