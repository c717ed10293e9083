import type { KubeObject } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeObject } from './judge.ts';
import { stripForHealth } from './strip.ts';

const kinds = [
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['apps/v1', 'DaemonSet'],
  ['apps/v1', 'ReplicaSet'],
  ['batch/v1', 'Job'],
  ['v1', 'Pod'],
  ['v1', 'Service'],
  ['v1', 'Namespace'],
  ['v1', 'PersistentVolumeClaim'],
  ['policy/v1', 'PodDisruptionBudget'],
  ['autoscaling/v2', 'HorizontalPodAutoscaler'],
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
  ['gateway.networking.k8s.io/v1', 'Gateway'],
  ['example.org/v1', 'Widget'],
] as const;

const count = fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined });
const condition = fc.record({
  type: fc.constantFrom(
    'Ready',
    'Available',
    'Progressing',
    'Complete',
    'Failed',
    'Established',
    'Stalled',
    'PodScheduled',
    'Programmed',
  ),
  status: fc.constantFrom('True', 'False', 'Unknown'),
  reason: fc.constantFrom('NewReplicaSetAvailable', 'ProgressDeadlineExceeded', 'Unschedulable', 'Other'),
  message: fc.constant('said so'),
  lastTransitionTime: fc.constant('2026-01-01T00:00:00Z'),
});
const status = fc.record(
  {
    observedGeneration: count,
    replicas: count,
    updatedReplicas: count,
    readyReplicas: count,
    availableReplicas: count,
    currentReplicas: count,
    fullyLabeledReplicas: count,
    desiredNumberScheduled: count,
    currentNumberScheduled: count,
    updatedNumberScheduled: count,
    numberAvailable: count,
    numberReady: count,
    phase: fc.constantFrom('Running', 'Pending', 'Bound', 'Active', 'Failed'),
    startTime: fc.constant('2026-01-01T00:00:00Z'),
    loadBalancer: fc.constant({}),
    conditions: fc.array(condition, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);
const spec = fc.record(
  {
    replicas: count,
    progressDeadlineSeconds: fc.constantFrom(600, 2_147_483_647),
    type: fc.constantFrom('LoadBalancer', 'ClusterIP'),
    clusterIP: fc.constant('10.0.0.1'),
    suspend: fc.boolean(),
    updateStrategy: fc.constantFrom({ type: 'OnDelete' }, { rollingUpdate: { partition: 1 } }),
    template: fc.constant({ spec: { containers: [{ name: 'a', image: 'b' }] } }),
  },
  { requiredKeys: [] },
);
const objects: fc.Arbitrary<KubeObject> = fc
  .record({
    kind: fc.constantFrom(...kinds),
    generation: count,
    spec,
    status: fc.option(status, { nil: undefined }),
  })
  .map((one) => ({
    apiVersion: one.kind[0],
    kind: one.kind[1],
    metadata: {
      name: 'x',
      annotations: { note: 'long' },
      ...(one.generation === undefined ? {} : { generation: one.generation }),
    },
    spec: withoutUndefined(one.spec),
    ...(one.status === undefined ? {} : { status: withoutUndefined(one.status) }),
  }));

function withoutUndefined(value: object): object {
  return JSON.parse(JSON.stringify(value)) as object;
}

describe('stripForHealth', () => {
  it('never changes a verdict', () => {
    fc.assert(
      fc.property(objects, fc.boolean(), fc.integer({ min: 0, max: 20_000 }), (object, hasStatus, ageMs) => {
        expect(judgeObject(stripForHealth(object), hasStatus, ageMs)).toEqual(
          judgeObject(object, hasStatus, ageMs),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('drops templates, annotations and timestamps', () => {
    fc.assert(
      fc.property(objects, (object) => {
        const text = JSON.stringify(stripForHealth(object));
        for (const dropped of ['template', 'annotations', 'lastTransitionTime'])
          expect(text).not.toContain(dropped);
      }),
    );
  });
});
