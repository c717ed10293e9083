import type { ClusterEvidence } from './evidence.ts';

/** Whether a cluster's agent can be told something now, or was here a moment ago and is expected back. */
export function isReachable(one: ClusterEvidence, offlineAfterMs: number, nowMs: number): boolean {
  switch (one.presence) {
    case 'connected':
      return true;
    case 'suspect':
    case 'disconnected':
      return nowMs - one.presenceSinceMs < offlineAfterMs;
    case 'lost':
    case 'never':
      return false;
  }
}

/** Reachable, and no person keeps rollouts away from it. */
export function isStartable(one: ClusterEvidence, offlineAfterMs: number, nowMs: number): boolean {
  return !one.cluster.isCordoned && isReachable(one, offlineAfterMs, nowMs);
}
