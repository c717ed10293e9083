import type { PlacementName } from '@flotilla/shared/base';
import type {
  AssignmentReport,
  Cluster,
  ContestedObject,
  Presence,
  Reasoned,
  RejectedRow,
  Report,
} from '@flotilla/shared/model';
import { compareVersions } from '@flotilla/shared/model';
import type { ClusterEvidence } from '../rollout/index.ts';
import type { ClusterView, ReportVersion } from './cluster-view.ts';

/** A cluster of which this process has heard nothing. */
export function emptyClusterView(nowMs: number): ClusterView {
  return {
    presence: 'never',
    presenceSinceMs: nowMs,
    report: undefined,
    byPlacement: new Map(),
    reportStoredAtMs: 0,
    announced: undefined,
    rejected: new Map(),
  };
}

/** Takes a report; one that is not newer than the last is ignored (the same view comes back). */
export function foldReport(view: ClusterView, report: Report, storedAtMs: number): ClusterView {
  if (view.report !== undefined && comparePositions(report, view.report) <= 0) return view;
  const byPlacement = new Map(report.assignments.map((entry) => [entry.placement, entry]));
  return {
    ...view,
    report,
    byPlacement,
    contested: contestedIn(report),
    reportStoredAtMs: storedAtMs,
    rejected: stillRejected(view, byPlacement),
  };
}

/** Objects that placements want and cannot have, by who has them. */
function contestedIn({ assignments }: Report): ClusterView['contested'] {
  const found = new Map<string, ContestedObject[]>();
  for (const { failing, placement } of assignments) {
    for (const { group, kind, name, namespace, ownedBy } of failing) {
      if (ownedBy === undefined) continue;
      found.set(ownedBy, [...(found.get(ownedBy) ?? []), { placement, group, kind, namespace, name }]);
    }
  }
  return found.size === 0 ? undefined : found;
}

/** Takes what the stream says: presence, and the newest report that the agent named on it (undefined = none yet). */
export function foldPresence(
  view: ClusterView,
  seen: { readonly presence: Presence; readonly announced: ReportVersion | undefined },
  nowMs: number,
): ClusterView {
  const { announced } = seen;
  const isSame = seen.presence === view.presence;
  if (isSame && isSamePosition(announced, view.announced)) return view;
  return {
    ...view,
    presence: seen.presence,
    presenceSinceMs: isSame ? view.presenceSinceMs : nowMs,
    announced,
  };
}

/**
 * Takes refused rows, heard of for the first time or again; of two for one placement the newer version counts, and one that
 * the agent has reported on since was taken after all. The same view comes back when nothing is new.
 */
export function foldRejections(view: ClusterView, rejected: readonly RejectedRow[]): ClusterView {
  const news = rejected.filter((row) => {
    const before = view.rejected.get(row.placement);
    const isKnown = before !== undefined && isSameRejection(before, row);
    const isOlder = before !== undefined && compareVersions(before.version, row.version) > 0;
    return !isKnown && !isOlder && !isTaken(row, view.byPlacement);
  });
  if (news.length === 0) return view;
  const all = new Map(view.rejected);
  for (const row of news) {
    const before = all.get(row.placement);
    if (before === undefined || compareVersions(before.version, row.version) <= 0)
      all.set(row.placement, row);
  }
  return { ...view, rejected: all };
}

/**
 * The one formula of freshness: connected, and the report that the agent last named on this stream is folded. An agent
 * that names report 0 has made none that counts.
 */
export function isFresh(view: ClusterView): boolean {
  const { announced, presence, report } = view;
  if (presence !== 'connected' || report === undefined || announced === undefined) return false;
  return announced.seq > 0 && comparePositions(report, announced) >= 0;
}

/** One cluster as evidence for one placement; `waitsFor` is what dependencyOf() says. */
export function evidenceFor(
  known: { readonly cluster: Cluster; readonly view: ClusterView },
  placement: PlacementName,
  waitsFor?: Reasoned,
): ClusterEvidence {
  const { cluster, view } = known;
  return {
    cluster,
    presence: view.presence,
    presenceSinceMs: view.presenceSinceMs,
    isFresh: isFresh(view),
    report: view.byPlacement.get(placement),
    reportStoredAtMs: view.reportStoredAtMs,
    reportVersion: view.report === undefined ? '' : `${view.report.incarnation}.${view.report.seq}`,
    waitsFor,
    rejected: view.rejected.get(placement),
  };
}

function stillRejected(
  view: ClusterView,
  byPlacement: ReadonlyMap<PlacementName, AssignmentReport>,
): ClusterView['rejected'] {
  const kept = [...view.rejected].filter(([, row]) => !isTaken(row, byPlacement));
  return kept.length === view.rejected.size ? view.rejected : new Map(kept);
}

/** A row that the agent reports on at the rejected version or a newer one was taken after all. */
function isTaken(row: RejectedRow, byPlacement: ReadonlyMap<PlacementName, AssignmentReport>): boolean {
  const entry = byPlacement.get(row.placement);
  return entry !== undefined && compareVersions(entry.version, row.version) >= 0;
}

function isSameRejection(left: RejectedRow, right: RejectedRow): boolean {
  const isSameVersion = compareVersions(left.version, right.version) === 0;
  return isSameVersion && left.code === right.code && left.text === right.text;
}

function comparePositions(left: ReportVersion, right: ReportVersion): number {
  return left.incarnation - right.incarnation || left.seq - right.seq;
}

function isSamePosition(left: ReportVersion | undefined, right: ReportVersion | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return comparePositions(left, right) === 0;
}
