import type { ClusterUid } from '@flotilla/shared/base';
import { type AssignmentReport, compareVersions, type FailureKind } from '@flotilla/shared/model';
import type { ClusterEvidence, RolloutEvidence } from './evidence.ts';
import type { PlacementRow, Rollout, RolloutState } from './state.ts';

/** After a row's deadline, this long of unbroken hub health before silence is the cluster's fault, unless the settings say otherwise. */
export const graceMs = 300_000;

/** What is known of one cluster that a rollout gave a row. */
export type ClusterVerdict =
  /** Exactly this row is Ready (or Removed), freshly said, for as long as the soak asks. */
  | { readonly kind: 'proven'; readonly healthyForMs: number }
  /** Exactly this row is Ready, but not yet for long enough. */
  | { readonly kind: 'soaking'; readonly healthyForMs: number }
  | { readonly kind: 'moving' }
  /** No fresh word of exactly this row; counts as lost at `lostAtMs` unless the hub itself is unwell. */
  | { readonly kind: 'unknown'; readonly lostAtMs: number | undefined }
  | { readonly kind: 'failed'; readonly failure: FailureKind; readonly text: string }
  /** Is not the rollout's any more: unregistered, no longer wanted there, or given a row by another rollout. */
  | { readonly kind: 'excluded' };

/** Judges a cluster by evidence of exactly its row; whatever is stale, of another version or missing proves nothing. */
export function judgeCluster(
  state: RolloutState,
  rollout: Rollout,
  evidence: RolloutEvidence,
  uid: ClusterUid,
): ClusterVerdict {
  const row = state.rows.get(uid);
  const one = evidence.clusterOf(uid);
  if (one === undefined || row === undefined || row.rollout !== rollout.id) return { kind: 'excluded' };
  if (!isStillTarget(rollout, evidence, uid)) return { kind: 'excluded' };
  return judgeRow(row, one, evidence);
}

/** What is known of a cluster with respect to one row, whichever rollout gave it. Never `excluded`. */
export function judgeRow(
  row: PlacementRow,
  one: ClusterEvidence,
  evidence: Pick<RolloutEvidence, 'hubHealthySinceMs' | 'offlineGraceMs'>,
): ClusterVerdict {
  const { rejected } = one;
  const isRefused =
    rejected !== undefined &&
    compareVersions(rejected.version, row.version) === 0 &&
    rejected.code !== 'STORE' &&
    rejected.code !== 'STALE';
  if (isRefused) {
    return { kind: 'failed', failure: 'rejected', text: `refused (${rejected.code}): ${rejected.text}` };
  }
  if (!one.isFresh || one.report === undefined || compareVersions(one.report.version, row.version) !== 0) {
    return { kind: 'unknown', lostAtMs: lostAtMs(row, one, evidence) };
  }
  return judgeReport(one.report, row);
}

/** Whether the rollout still wants what it wants of this cluster. An unresolved placement changes nothing. */
export function isStillTarget(rollout: Rollout, evidence: RolloutEvidence, uid: ClusterUid): boolean {
  const { desired } = evidence;
  const isRemoval = rollout.plan.targets[uid]?.kind === 'removal';
  if (desired.kind === 'unresolved') return true;
  const isWanted = desired.kind === 'release' && (desired.targets.has(uid) || desired.blocked.has(uid));
  return isRemoval ? !isWanted : isWanted;
}

/** What a fresh report of exactly this row says. */
export function judgeReport(report: AssignmentReport, row: PlacementRow): ClusterVerdict {
  const soakMs = row.target.kind === 'variant' ? row.target.variant.health.soakMs : 0;
  switch (report.state) {
    case 'Ready':
      if (row.target.kind === 'removal') return { kind: 'moving' };
      return {
        kind: report.healthyForMs >= soakMs ? 'proven' : 'soaking',
        healthyForMs: report.healthyForMs,
      };
    case 'Removed':
      if (row.target.kind === 'removal') return { kind: 'proven', healthyForMs: 0 };
      return { kind: 'moving' };
    case 'Degraded':
      return {
        kind: 'failed',
        failure: degradedKind(report),
        text: reasonOf(report),
      };
    case 'Stalled':
      return { kind: 'failed', failure: stalledKind(report), text: reasonOf(report) };
    case 'Progressing':
    case 'Removing':
      if (!report.deadlinePassed) return { kind: 'moving' };
      return {
        kind: 'failed',
        failure: report.heldPrune === undefined ? 'deadline' : 'prune-held',
        text: `not ready within its deadline: ${reasonOf(report)}`,
      };
    case 'Suspended':
      return { kind: 'moving' };
  }
}

/** A check that failed is named before the deadline, which it may have used up. */
function degradedKind(report: AssignmentReport): FailureKind {
  if (report.reason === 'CheckFailed') return 'check';
  return report.deadlinePassed ? 'deadline' : 'health';
}

/** The agent's reasons that name another owner of an object or of a field. */
const conflictReasons = ['Conflict', 'OwnedByAssignment'];

/** The agent's reasons for a check that cannot be asked: CheckForbidden, CheckInvalid, CheckJobForeign ... */
const checkReason = /^Check[A-Z]/;

/** The agent's reasons for Stalled; what it does not name is a failed apply. */
function stalledKind(report: AssignmentReport): FailureKind {
  if (report.heldPrune !== undefined) return 'prune-held';
  if (checkReason.test(report.reason)) return 'check';
  return conflictReasons.includes(report.reason) ? 'conflict' : 'apply';
}

function reasonOf(report: AssignmentReport): string {
  const said = [report.reason, report.text].filter((part) => part !== '').join(': ');
  return said === '' ? report.state : said;
}

/**
 * Silence counts only after the deadline and five minutes in which nobody but the cluster can be to blame. It begins with the
 * last word of exactly this row: who is only out of step for a moment, late in a long soak, is not lost.
 */
function lostAtMs(
  row: PlacementRow,
  { presence, presenceSinceMs, report, reportStoredAtMs = 0 }: ClusterEvidence,
  evidence: Pick<RolloutEvidence, 'hubHealthySinceMs' | 'offlineGraceMs'>,
): number | undefined {
  if (evidence.hubHealthySinceMs === undefined) return undefined;
  const isOfRow = report !== undefined && compareVersions(report.version, row.version) === 0;
  // Whose stream is gone is out of reach, although reports may still come over the bus: they are not fresh, and end no wait.
  const reachedAtMs =
    presence === 'connected' ? reportStoredAtMs : Math.min(reportStoredAtMs, presenceSinceMs);
  const heardAtMs = isOfRow ? reachedAtMs : 0;
  return (
    Math.max(row.issuedAtMs + deadlineOf(row), evidence.hubHealthySinceMs, heardAtMs) +
    (evidence.offlineGraceMs ?? graceMs)
  );
}

/** When the time is over that a row has, be its cluster heard of or not. */
export function timeIsOverMs(row: PlacementRow, evidence: Pick<RolloutEvidence, 'offlineGraceMs'>): number {
  return row.issuedAtMs + deadlineOf(row) + (evidence.offlineGraceMs ?? graceMs);
}

/** A removal has the default deadline: it carries no policy of its own. */
function deadlineOf(row: PlacementRow): number {
  return row.target.kind === 'variant' ? row.target.variant.health.deadlineMs : removalDeadlineMs;
}

const removalDeadlineMs = 600_000;

/** Evidence of a cluster for an audit trail: its report's position. */
export function reportsOf(
  uids: Iterable<ClusterUid>,
  clusterOf: (uid: ClusterUid) => ClusterEvidence | undefined,
): { readonly [uid: string]: string } {
  const reports: [string, string][] = [];
  for (const uid of uids) {
    const version = clusterOf(uid)?.reportVersion ?? '';
    if (version !== '') reports.push([uid, version]);
  }
  return Object.fromEntries(reports);
}
