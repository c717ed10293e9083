import type { PlacementName } from '@flotilla/shared/base';
import { compareVersions, type Reasoned } from '@flotilla/shared/model';
import { isFresh } from './fold-view.ts';
import type { FleetSnapshot, KnownCluster } from './snapshot.ts';

/**
 * What a placement that depends on others waits for on one cluster: the first of them that is not Ready there at exactly
 * its newest row, freshly said. One that does not go to the cluster at all is waited for, too: empty never means yes
 * (R20). Undefined = nothing.
 */
export function dependencyOf(
  fleet: Pick<FleetSnapshot, 'placements'>,
  { cluster, view }: KnownCluster,
  dependsOn: readonly { readonly name: string }[],
): Reasoned | undefined {
  for (const { name: text } of dependsOn) {
    // Checked when the rule was resolved: there is a placement of each name.
    const name = text as PlacementName;
    const row = fleet.placements.get(name)?.state.rows.get(cluster.uid);
    const report = view.byPlacement.get(name);
    const wait = (text: string) => ({ code: 'WaitsForDependency', text: `${name} ${text}`, subject: name });
    if (row?.target.kind !== 'variant') return wait(`does not run on ${cluster.name}`);
    const isOfRow = report !== undefined && compareVersions(report.version, row.version) === 0;
    if (!isFresh(view) || !isOfRow) return wait(`is not known to be Ready on ${cluster.name}`);
    if (report.state !== 'Ready') return wait(`is ${report.state} on ${cluster.name}`);
  }
  return undefined;
}
