import type { ClusterUid } from '@flotilla/shared/base';
import { type AssignmentReport, compareVersions, type ObjectCounts } from '@flotilla/shared/model';
import { judgeReport } from './judge-cluster.ts';
import { soaked } from './judge-wave.ts';
import type { PlacementRow, Rollout, RolloutState } from './state.ts';

/**
 * Whether an agent says the same of an assignment as before, only later: everything but how long it has been healthy and
 * how long its steps took.
 */
export function isSameWord(before: AssignmentReport, after: AssignmentReport): boolean {
  if (before === after) return true;
  const isAlike =
    before.state === after.state &&
    compareVersions(before.version, after.version) === 0 &&
    before.phase === after.phase &&
    before.reason === after.reason &&
    before.text === after.text &&
    before.deadlinePassed === after.deadlinePassed &&
    before.reverted === after.reverted &&
    before.variantDigest === after.variantDigest &&
    before.appliedVariantDigest === after.appliedVariantDigest &&
    before.appliedCommit === after.appliedCommit;
  return isAlike && isSameCounts(before.counts, after.counts) && hasSameDetails(before, after);
}

function isSameCounts(before: ObjectCounts, after: ObjectCounts): boolean {
  return (
    before.total === after.total &&
    before.applied === after.applied &&
    before.healthy === after.healthy &&
    before.failing === after.failing &&
    before.pruning === after.pruning
  );
}

/** What is rarely there: objects that fail or drifted, a held prune. */
function hasSameDetails(before: AssignmentReport, after: AssignmentReport): boolean {
  if (isPlain(before) && isPlain(after)) return true;
  const textOf = ({ drift, failing, heldPrune }: AssignmentReport) =>
    JSON.stringify([drift, failing, heldPrune]);
  return textOf(before) === textOf(after);
}

function isPlain({ drift, failing, heldPrune }: AssignmentReport): boolean {
  const isDrifted = drift.objects + drift.corrected + drift.fights.length > 0 || drift.latest !== '';
  return failing.length === 0 && heldPrune === undefined && !isDrifted;
}

/**
 * Whether a report of the same word changes what its cluster proves to a rollout: health that has lasted for long enough
 * is all that such a report can bring. Freshness and presence are not asked: who is not heard freshly proves nothing, before
 * and after.
 */
export function isRipening(
  state: RolloutState,
  cluster: ClusterUid,
  { before, after }: { readonly before: AssignmentReport; readonly after: AssignmentReport },
): boolean {
  const row = state.rows.get(cluster);
  // Most of what a fleet reports is long proven: that costs nothing.
  if (row === undefined || (isLongWell(before, row) && isLongWell(after, row))) return false;
  return [state.active, state.withdraw].some(
    (rollout) =>
      rollout !== undefined &&
      proofOf(state, rollout, cluster, before) !== proofOf(state, rollout, cluster, after),
  );
}

/** Whether more health proves nothing more; asked of a report of any version of the row. */
function isLongWell(report: AssignmentReport, { target }: PlacementRow): boolean {
  return target.kind === 'variant' && report.healthyForMs >= target.variant.health.soakMs;
}

/** What a report proves by its row alone, and by what else the rollout lets count. */
function proofOf(
  state: RolloutState,
  rollout: Rollout,
  cluster: ClusterUid,
  report: AssignmentReport,
): string | undefined {
  const row = state.rows.get(cluster);
  if (row?.rollout !== rollout.id || compareVersions(report.version, row.version) !== 0) return undefined;
  const verdict = judgeReport(report, row);
  const wave = rollout.clusters.get(cluster)?.wave;
  const counted = wave === undefined ? verdict : soaked(state, { rollout, wave, verdict });
  return `${verdict.kind} ${counted.kind}`;
}
