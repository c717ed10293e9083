import type { Fleet } from '@flotilla/hub/loops';
import type { ClusterUid } from '@flotilla/shared/base';
import type { Truth } from '../truth.ts';
import { must } from '../violation.ts';
import type { Heard } from './heard.ts';

/** J3: the report that a hub process has of a cluster is never followed by an older one. Who was ever removed may begin anew. */
export function watchReports(
  { fleet, name }: { readonly fleet: Fleet; readonly name: string },
  { heard, truth }: { readonly heard: Heard; readonly truth: Truth },
  broke: (error: unknown) => void,
): void {
  const newest = new Map<ClusterUid, { readonly incarnation: number; readonly seq: number }>();
  fleet.onView.add((uid) => {
    const report = fleet.snapshot.clusters.get(uid)?.view.report;
    const before = newest.get(uid);
    if (report !== undefined && report !== before) {
      newest.set(uid, report);
      heard.took(name, uid, `${report.incarnation}.${report.seq}`);
    }
    if (report === undefined || before === undefined || truth.wasEverGone(uid)) return;
    const order = report.incarnation - before.incarnation || report.seq - before.seq;
    try {
      const text = () => `${name} takes report ${report.seq} of ${uid} after ${before.seq}`;
      must(order >= 0, 'J3', text);
    } catch (error) {
      broke(error);
    }
  });
}
