import type { ClusterEvidence } from './evidence.ts';

/**
 * Whether a cluster can be given a row now: its agent is connected, no person keeps rollouts away from it, and what the
 * placement depends on is Ready there.
 */
export function isStartable(one: ClusterEvidence): boolean {
  return one.presence === 'connected' && !one.cluster.isCordoned && one.waitsFor === undefined;
}

/**
 * Whether a plan counts on a cluster: it is startable, or its stream ended so short a time ago that it is expected back.
 * After a hub's own restart nobody is connected yet; they are all expected.
 */
export function isExpected(one: ClusterEvidence, offlineAfterMs: number, nowMs: number): boolean {
  if (one.cluster.isCordoned) return false;
  if (one.presence === 'suspect' || one.presence === 'disconnected') {
    return nowMs - one.presenceSinceMs < offlineAfterMs;
  }
  return one.presence === 'connected';
}
