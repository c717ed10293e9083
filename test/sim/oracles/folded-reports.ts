import type { Fleet } from '@flotilla/hub/loops';
import type { ClusterUid } from '@flotilla/shared/base';
import type { Report } from '@flotilla/shared/model';
import type { Truth } from '../truth.ts';
import { must } from '../violation.ts';
import type { Heard } from './heard.ts';

/**
 * J3: the report that a hub process has of a cluster is never followed by an older one. Who was ever removed may begin anew.
 * J7, as far as it can be seen without certificates: it is one that an agent of that very cluster made.
 */
export function watchReports(
  { fleet, name }: { readonly fleet: Fleet; readonly name: string },
  { heard, truth }: { readonly heard: Heard; readonly truth: Truth },
  broke: (error: unknown) => void,
): void {
  const newest = new Map<ClusterUid, Report>();
  function judge(uid: ClusterUid, report: Report): void {
    const before = newest.get(uid);
    newest.set(uid, report);
    const version = `${report.incarnation}.${report.seq}`;
    heard.took(name, uid, version);
    const isOwn = truth.said(uid, version).some((said) => isSameReport(said.report, report));
    must(isOwn, 'J7', () => `${name} has report ${version} of ${uid}, which no agent of that cluster made`);
    if (before === undefined || truth.wasEverGone(uid)) return;
    const order = report.incarnation - before.incarnation || report.seq - before.seq;
    must(order >= 0, 'J3', () => `${name} takes report ${report.seq} of ${uid} after ${before.seq}`);
  }
  fleet.onView.add((uid) => {
    const report = fleet.snapshot.clusters.get(uid)?.view.report;
    if (report === undefined || report === newest.get(uid)) return;
    try {
      judge(uid, report);
    } catch (error) {
      broke(error);
    }
  });
}

function isSameReport(left: Report, right: Report): boolean {
  return left.heldDigest === right.heldDigest && wordsOf(left) === wordsOf(right);
}

function wordsOf({ assignments }: Report): string {
  return assignments
    .map(({ healthyForMs, placement, state, version }) => {
      // Parts of a millisecond do not travel.
      return `${placement} ${version.seq} ${state} ${Math.trunc(healthyForMs)}`;
    })
    .join('\n');
}
