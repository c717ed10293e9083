import type { AssignmentReport, Report } from '@flotilla/shared/model';
import fc from 'fast-check';
import * as ids from './ids.ts';
import { rowVersion } from './rows.ts';

const failing = fc.record({
  group: ids.text,
  version: ids.text,
  kind: ids.someText,
  namespace: ids.maybe(ids.someText),
  name: ids.someText,
  reason: ids.text,
  message: ids.text,
  fingerprint: ids.digest.map((digest) => digest.slice(0, 16)),
  ownedBy: ids.maybe(ids.placementName),
});

/** Entries of a report that use every field. */
export const assignmentReport: fc.Arbitrary<AssignmentReport> = fc.record({
  placement: ids.placementName,
  version: rowVersion,
  variantDigest: ids.maybe(ids.digest),
  state: fc.constantFrom(
    'Ready' as const,
    'Progressing' as const,
    'Degraded' as const,
    'Stalled' as const,
    'Suspended' as const,
    'Removing' as const,
    'Removed' as const,
  ),
  phase: ids.maybe(
    fc.constantFrom(
      'queued' as const,
      'fetching' as const,
      'rendering' as const,
      'applying' as const,
      'verifying' as const,
      'pruning' as const,
    ),
  ),
  reason: ids.text,
  text: ids.text,
  healthyForMs: ids.whole,
  counts: fc.record({
    total: ids.uint32,
    applied: ids.uint32,
    healthy: ids.uint32,
    failing: ids.uint32,
    pruning: ids.uint32,
  }),
  failing: fc.array(failing, { maxLength: 3 }),
  drift: fc.record({
    objects: ids.uint32,
    corrected: ids.whole,
    latest: ids.text,
    fights: fc.array(ids.text, { maxLength: 3 }),
  }),
  deadlinePassed: fc.boolean(),
  timings: fc.record({
    fetchMs: ids.uint32,
    renderMs: ids.uint32,
    applyMs: ids.uint32,
    rowToAppliedMs: ids.uint32,
    rowToReadyMs: ids.uint32,
  }),
  appliedCommit: ids.maybe(ids.gitId),
  appliedVariantDigest: ids.maybe(ids.digest),
  heldPrune: ids.maybe(
    fc.record({
      listHash: ids.digest,
      objects: fc.array(ids.text, { maxLength: 3 }),
      total: ids.uint32,
      reason: ids.text,
    }),
  ),
  reverted: fc.boolean(),
});

/** Whole reports. */
export const report: fc.Arbitrary<Report> = fc.record({
  incarnation: ids.fromOne,
  seq: ids.fromOne,
  heldDigest: ids.digest,
  assignments: fc.array(assignmentReport, { maxLength: 4 }),
  facts: fc.record({
    kubernetes: ids.text,
    nodes: ids.uint32,
    agent: ids.text,
    isSimulated: fc.boolean(),
    fetchRungs: ids.smallMap,
    inventoryParent: ids.text,
    more: ids.smallMap,
  }),
  madeAtMs: fc.maxSafeInteger(),
  trimmed: fc.array(ids.text, { maxLength: 2 }),
});
