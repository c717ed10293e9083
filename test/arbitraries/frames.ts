import type { AgentFrame, HubFrame } from '@flotilla/shared/model';
import fc from 'fast-check';
import * as ids from './ids.ts';
import { report } from './reports.ts';
import { assignmentRow, removalRow, rowVersion } from './rows.ts';

const claim = fc.record({
  placement: ids.placementName,
  version: rowVersion,
  variantDigest: ids.digest,
  proof: fc.record({ eventHash: ids.digest, mac: ids.digest }),
  isRemoved: fc.boolean(),
});
const delayMs = ids.uint32;
const named = { placement: ids.placementName, version: rowVersion };

/** Any frame that an agent sends. */
export const agentFrame: fc.Arbitrary<AgentFrame> = fc.oneof(
  fc.record({
    kind: fc.constant('hello' as const),
    protocolVersions: fc.array(ids.uint32, { maxLength: 3 }),
    agentVersion: ids.text,
    incarnation: ids.fromOne,
    session: ids.fromOne,
    hubId: ids.maybe(ids.hubId),
    epoch: ids.whole,
    held: fc.array(claim, { maxLength: 4 }),
    heldDigest: ids.digest,
    kubeSystemUid: ids.text,
    capabilities: fc.array(ids.someText, { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('ack' as const),
    ack: fc.record({
      nonce: ids.fromOne,
      accepted: fc.array(fc.record(named), { maxLength: 3 }),
      rejected: fc.array(
        fc.record({
          ...named,
          code: fc.constantFrom(
            'STALE' as const,
            'UNSUPPORTED' as const,
            'INVALID' as const,
            'CAUSE_MISSING' as const,
            'POLICY' as const,
            'LIMIT' as const,
            'STORE' as const,
            'UNKNOWN' as const,
          ),
          text: ids.text,
        }),
        { maxLength: 3 },
      ),
    }),
  }),
  fc.record({ kind: fc.constant('heartbeat' as const), heldDigest: ids.digest, reportSeq: ids.whole }),
  fc.record({ kind: fc.constant('report' as const), report }),
);

/** Any frame that a hub sends. */
export const hubFrame: fc.Arbitrary<HubFrame> = fc.oneof(
  fc.record({
    kind: fc.constant('welcome' as const),
    protocolVersion: ids.uint32,
    hubId: ids.hubId,
    epoch: ids.whole,
    incarnation: ids.whole,
    clusterName: ids.clusterName,
    hubVersion: ids.text,
    clusterLabels: ids.smallMap,
    capabilities: fc.array(ids.someText, { maxLength: 3 }),
    reconnectCapMs: fc.option(fc.integer({ min: 1, max: 2 ** 32 - 1 }), { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant('delta' as const),
    delta: fc.record({
      nonce: ids.fromOne,
      upserts: fc.array(assignmentRow, { maxLength: 2 }),
      removals: fc.array(removalRow, { maxLength: 2 }),
      malformed: fc.constant([]),
      isComplete: fc.boolean(),
    }),
  }),
  fc.record({ kind: fc.constant('agreed' as const), heldDigest: ids.digest }),
  fc.record({ kind: fc.constant('not-ready' as const), retryAfterMs: delayMs, reason: ids.text }),
  fc.record({
    kind: fc.constant('heartbeat' as const),
    desiredDigest: ids.digest,
    reportSeq: ids.whole,
    wantReport: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('drain' as const), reconnectAfterMs: delayMs, reason: ids.text }),
  fc.record({
    kind: fc.constant('refused' as const),
    code: fc.constantFrom(
      'RETRY' as const,
      'VERSION' as const,
      'NOT_REGISTERED' as const,
      'PROTOCOL' as const,
      'REPLACED' as const,
      'FENCED' as const,
    ),
    text: ids.text,
    retryAfterMs: delayMs,
  }),
);
