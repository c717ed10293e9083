import type { PlacementName } from '@flotilla/shared/base';
import type { Cluster, Presence, RejectedRow, Report } from '@flotilla/shared/model';
import type { ClusterEvidence } from '../rollout/index.ts';
import type { ClusterView, ReportVersion } from './cluster-view.ts';

/** A cluster of which this process has heard nothing. */
export function emptyClusterView(_nowMs: number): ClusterView {
  throw new Error('being built');
}

/** Takes a report; one that is not newer than the last is ignored (the same view comes back). */
export function foldReport(_view: ClusterView, _report: Report, _storedAtMs: number): ClusterView {
  throw new Error('being built');
}

/** Takes what the stream says: presence, and the newest report that the agent named (undefined = as before). */
export function foldPresence(
  _view: ClusterView,
  _seen: { readonly presence: Presence; readonly announced: ReportVersion | undefined },
  _nowMs: number,
): ClusterView {
  throw new Error('being built');
}

/** Takes the rejected rows of one Ack. */
export function foldRejections(_view: ClusterView, _rejected: readonly RejectedRow[]): ClusterView {
  throw new Error('being built');
}

/** The one formula of freshness: connected, and the report that the agent last named is folded. */
export function isFresh(_view: ClusterView): boolean {
  throw new Error('being built');
}

/** One cluster as evidence for one placement. */
export function evidenceFor(
  _known: { readonly cluster: Cluster; readonly view: ClusterView },
  _placement: PlacementName,
): ClusterEvidence {
  throw new Error('being built');
}
