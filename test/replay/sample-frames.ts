import type { ClusterName, HubId, PlacementName } from '@flotilla/shared/base';
import type { AgentFrame, HubFrame, RejectionCode } from '@flotilla/shared/model';
import { setDigest } from '@flotilla/shared/model';
import { fullReport } from './sample-report.ts';
import { claims, fullRow, removalRow } from './sample-rows.ts';

const codes: readonly RejectionCode[] = [
  'STALE',
  'UNSUPPORTED',
  'INVALID',
  'CAUSE_MISSING',
  'POLICY',
  'LIMIT',
  'STORE',
];

/** One of each frame that an agent sends, by the name of its sample. */
export const agentFrames: Readonly<Record<string, AgentFrame>> = {
  'agent-hello': {
    kind: 'hello',
    protocolVersions: [1],
    agentVersion: '0.1.0',
    incarnation: 3,
    session: 12,
    hubId: 'hubhubhubhubhubhubhubhub22' as HubId,
    epoch: 2,
    held: claims,
    heldDigest: setDigest(claims),
    kubeSystemUid: '8a6d3a3e-55ce-4a35-9b53-0b0a1f1a0b11',
    capabilities: ['render.helm', 'git.ssh'],
  },
  'agent-ack': {
    kind: 'ack',
    ack: {
      nonce: 3,
      accepted: [{ placement: fullRow.placement, version: fullRow.version }],
      rejected: codes.map((code, index) => ({
        placement: `p-${index}` as PlacementName,
        version: { epoch: 2, seq: 100 + index },
        code,
        text: `because of ${code}`,
      })),
    },
  },
  'agent-heartbeat': { kind: 'heartbeat', heldDigest: setDigest(claims), reportSeq: 99 },
  'agent-report': {
    kind: 'report',
    report: { ...fullReport, assignments: [], facts: { ...fullReport.facts, more: {} } },
  },
};

const refusals = ['RETRY', 'VERSION', 'NOT_REGISTERED', 'PROTOCOL', 'REPLACED', 'FENCED'] as const;

/** One of each frame that a hub sends, by the name of its sample. */
export const hubFrames: Readonly<Record<string, HubFrame>> = {
  'hub-welcome': {
    kind: 'welcome',
    protocolVersion: 1,
    hubId: 'hubhubhubhubhubhubhubhub22' as HubId,
    epoch: 2,
    incarnation: 3,
    clusterName: 'eu-1' as ClusterName,
    hubVersion: '0.1.0',
    clusterLabels: { env: 'prod', region: 'eu' },
    capabilities: ['report.stream'],
    // Recorded before the hub said any.
    reconnectCapMs: undefined,
  },
  'hub-delta': {
    kind: 'delta',
    delta: { nonce: 4, upserts: [fullRow], removals: [removalRow], malformed: [], isComplete: true },
  },
  'hub-agreed': { kind: 'agreed', heldDigest: setDigest(claims) },
  'hub-not-ready': { kind: 'not-ready', retryAfterMs: 30_000, reason: 'folding the decision log' },
  'hub-heartbeat': { kind: 'heartbeat', desiredDigest: setDigest(claims), reportSeq: 98, wantReport: true },
  'hub-drain': { kind: 'drain', reconnectAfterMs: 2_500, reason: 'connection age: rebalancing' },
  ...Object.fromEntries(
    refusals.map((code) => [
      `hub-refused-${code.toLowerCase().replace('_', '-')}`,
      { kind: 'refused', code, text: `refused for ${code}`, retryAfterMs: 1_500 } as const,
    ]),
  ),
};
