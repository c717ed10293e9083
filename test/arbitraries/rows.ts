import { limits } from '@flotilla/shared/base';
import type {
  AssignmentRow,
  Cause,
  ClusterCheck,
  DeliveredCredential,
  HealthPolicy,
  ObjectTarget,
  RemovalRow,
  RowVersion,
  Variant,
} from '@flotilla/shared/model';
import { variantDigest } from '@flotilla/shared/model';
import fc from 'fast-check';
import * as ids from './ids.ts';

/** Versions, mostly small so that they collide and compare. */
export const rowVersion: fc.Arbitrary<RowVersion> = fc.record({
  epoch: fc.oneof(fc.integer({ min: 1, max: 3 }), ids.fromOne),
  seq: fc.oneof(fc.integer({ min: 1, max: 50 }), ids.fromOne),
});

/** Causes of both kinds. */
export const cause: fc.Arbitrary<Cause> = fc.oneof(
  fc.record({ kind: fc.constant('commit' as const), commit: ids.gitId }),
  fc.record({ kind: fc.constant('decision' as const), event: ids.eventId }),
);

const proof = fc.record({ eventHash: ids.digest, mac: ids.digest });
const target: fc.Arbitrary<ObjectTarget> = fc.record({
  group: ids.maybe(ids.someText),
  version: ids.maybe(ids.someText),
  kind: ids.maybe(ids.someText),
  name: ids.maybe(ids.someText),
  namespace: ids.maybe(ids.someText),
  labelSelector: ids.maybe(ids.someText),
});
const path = fc.array(ids.label, { maxLength: 4 }).map((segments) => segments.join('/'));
const credential: fc.Arbitrary<DeliveredCredential> = fc.oneof(
  fc.record({ name: ids.someText, kind: fc.constant('token' as const), token: ids.someText }),
  fc.record({
    name: ids.someText,
    kind: fc.constant('basic' as const),
    username: ids.text,
    password: ids.text,
  }),
  fc.record({
    name: ids.someText,
    kind: fc.constant('ssh' as const),
    privateKey: ids.someText,
    knownHosts: ids.text,
  }),
);

const content = fc.record({
  repositoryUrl: ids.someText,
  credential: ids.maybe(ids.someText),
  commit: fc.record({
    id: ids.gitId,
    author: ids.text,
    subject: ids.text,
    committedAtS: fc.maxSafeInteger(),
  }),
  ref: ids.text,
  trees: fc.array(fc.record({ path, treeId: ids.gitId }), { minLength: 1, maxLength: 4 }),
  requiredSigners: fc.array(ids.someText, { maxLength: 2 }),
  caBundlePem: ids.maybe(ids.someText),
});
const render = fc.record({
  renderer: fc.constantFrom('auto' as const, 'plain' as const, 'kustomize' as const, 'helm' as const),
  helm: ids.maybe(
    fc.record({
      releaseName: ids.maybe(ids.someText),
      valuesFiles: fc.array(ids.someText, { maxLength: 2 }),
      valuesJson: ids.maybe(ids.someText),
    }),
  ),
  namespace: ids.maybe(ids.someText),
  patches: fc.array(
    fc.record({
      target,
      kind: fc.constantFrom('json' as const, 'merge' as const),
      patchJson: ids.someText,
    }),
    { maxLength: 2 },
  ),
  variables: ids.smallMap,
});
const apply = fc.record({
  mode: fc.constantFrom('bestEffort' as const, 'atomic' as const),
  takeOver: fc.constantFrom('ifNoDiff' as const, 'always' as const, 'never' as const),
  drift: fc.constantFrom('correct' as const, 'report' as const),
  ignore: fc.array(fc.record({ target, pointers: fc.array(ids.someText, { maxLength: 2 }) }), {
    maxLength: 2,
  }),
  createNamespace: fc.boolean(),
  priority: fc.integer({ min: -2_147_483_648, max: 2_147_483_647 }),
  takeOverFrom: ids.maybe(ids.placementName),
  confirmMs: ids.maybe(fc.integer({ min: 1, max: 86_400_000 })),
});
const checkedObject = fc.record({
  group: ids.text,
  kind: ids.someText,
  name: ids.someText,
  namespace: ids.maybe(ids.someText),
});
const named = { name: ids.someText, timeoutMs: fc.integer({ min: 1, max: 86_400_000 }) };
const stageCheck: fc.Arbitrary<ClusterCheck> = fc.oneof(
  fc.record({ ...named, kind: fc.constant('kstatus' as const), object: checkedObject }),
  fc.record({
    ...named,
    kind: fc.constant('cel' as const),
    object: checkedObject,
    expression: ids.someText,
  }),
  fc.record({ ...named, kind: fc.constant('job' as const), jobJson: ids.someText }),
);
const stageChecks = fc.uniqueArray(stageCheck, {
  selector: (one) => one.name,
  minLength: 1,
  maxLength: limits.stageChecksMax,
});
const health: fc.Arbitrary<HealthPolicy> = fc.record(
  {
    deadlineMs: fc.integer({ min: 1, max: 86_400_000 }),
    soakMs: ids.whole,
    checks: fc.array(fc.record({ target, cel: ids.someText }), { maxLength: 2 }),
    stageChecks,
  },
  { requiredKeys: ['deadlineMs', 'soakMs', 'checks'] },
);
const prune = fc.record({ enabled: fc.boolean(), maxObjects: ids.uint32, maxPercent: ids.uint32 });

/** Variants whose digest is right. */
export const variant: fc.Arbitrary<Variant> = fc
  .record({ content, render, apply, health, prune })
  .map((parts) => ({ digest: variantDigest(parts), ...parts }));

/** Assignment rows that use every field. */
export const assignmentRow: fc.Arbitrary<AssignmentRow> = fc.record({
  kind: fc.constant('assignment' as const),
  placement: ids.placementName,
  version: rowVersion,
  proof,
  cause,
  mode: fc.constantFrom('update' as const, 'rollback' as const, 'adopt' as const),
  rollout: ids.rolloutId,
  suspension: ids.maybe(fc.record({ reason: ids.text })),
  permittedPrune: ids.maybe(ids.digest),
  variant,
  credential: ids.maybe(credential),
  placementAgeSeq: ids.maybe(ids.fromOne),
});

/** Removal rows. */
export const removalRow: fc.Arbitrary<RemovalRow> = fc.record({
  kind: fc.constant('removal' as const),
  placement: ids.placementName,
  version: rowVersion,
  proof,
  cause,
  mode: fc.constantFrom('prune' as const, 'orphan' as const),
  permittedPrune: ids.maybe(ids.digest),
});
