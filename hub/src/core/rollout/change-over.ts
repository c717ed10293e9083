import type { Token } from '../budget/index.ts';
import type { RolloutEvidence } from './evidence.ts';
import { findRollout } from './fold.ts';
import { judgeRow } from './judge-cluster.ts';
import type { RolloutState } from './state.ts';

/**
 * Whether a cluster has ended changing for a rollout: it is not registered any more, counts as done in the log, be it that
 * the rollout has ended since, or says of exactly its row that it is Ready, failed or suspended. One that is silent changes
 * until it counts as lost.
 */
export function isChangeOver(
  state: RolloutState,
  evidence: Pick<RolloutEvidence, 'clusterOf' | 'hubHealthySinceMs' | 'offlineGraceMs'>,
  token: Token,
  nowMs: number,
): boolean {
  const { cluster, rollout } = token;
  const row = state.rows.get(cluster);
  const one = evidence.clusterOf(cluster);
  if (one === undefined || row === undefined) return true;
  if (state.settled.get(cluster) === row.version.seq) return true;
  const phase = findRollout(state, rollout)?.clusters.get(cluster)?.phase.kind;
  if (phase === 'ready' || phase === 'failed') return true;
  const verdict = judgeRow(row, one, evidence);
  switch (verdict.kind) {
    case 'proven':
    case 'soaking':
    case 'failed':
    case 'excluded':
      return true;
    case 'moving':
      return one.report?.state === 'Suspended';
    case 'unknown':
      return verdict.lostAtMs !== undefined && nowMs >= verdict.lostAtMs;
  }
}
