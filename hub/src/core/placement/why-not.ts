import type { ClusterUid } from '@flotilla/shared/base';
import type { Cluster, ExcludingTerm } from '@flotilla/shared/model';
import type { PlacementSpec } from '../fleet-spec/index.ts';
import { mismatches } from './mismatches.ts';
import { rankedForPick } from './pick.ts';
import type { Exclusion, ResolvedPlacement } from './resolved.ts';

/** Why a placement does not go to a cluster: one reason for each term that says no; undefined = it does. */
export function excludedBy(placement: ResolvedPlacement, cluster: Cluster): Exclusion | undefined {
  const taints = untolerated(placement.spec, cluster).map(
    (taint): ExcludingTerm => ({
      code: 'Tainted',
      subject: cluster.name,
      text: `taint ${taint.key} is not in tolerate`,
      change: `add ${taint.key} to clusters.tolerate, or take the taint off ${cluster.name}`,
    }),
  );
  // Who is kept is selected, whatever its facts say now; a pick may leave it out all the same.
  const terms = placement.kept.has(cluster.uid)
    ? []
    : [...mismatches(placement.selector, cluster), ...taints];
  const reasons = terms.length > 0 ? terms : notPicked(placement, cluster);
  if (reasons.length === 0) return undefined;
  return { placement: placement.spec.name, cluster: cluster.uid, reasons };
}

function notPicked(placement: ResolvedPlacement, cluster: Cluster): readonly ExcludingTerm[] {
  const { matched, pickedFrom, selected, spec } = placement;
  if (spec.pick === undefined || matched.some((one) => one.uid === cluster.uid)) return [];
  const { count, spreadBy } = spec.pick;
  const ranked = rankedForPick(selected, spec.pick, { placement: spec.name, running: pickedFrom ?? nobody });
  const rank = ranked.findIndex((one) => one.uid === cluster.uid) + 1;
  const spread = spreadBy === undefined ? '' : `, spread by ${spreadBy}`;
  const place =
    rank === 0 ? `${cluster.name} is cordoned` : `${cluster.name} is number ${rank} of ${ranked.length}`;
  const taken = matched.map((one) => one.name).join(', ');
  const text = `pick takes ${count} clusters${spread}: ${taken}; ${place}`;
  const change =
    rank === 0
      ? `uncordon ${cluster.name}`
      : `raise clusters.pick.count to ${rank}, or leave clusters before it out by clusters.exclude`;
  return [{ code: 'NotPicked', subject: cluster.name, text, change }];
}

/** Taints of a cluster that a placement does not put up with. */
export function untolerated(spec: PlacementSpec, cluster: Cluster): Cluster['taints'] {
  return cluster.taints.filter((taint) => !spec.tolerate.includes(taint.key));
}

const nobody: ReadonlySet<ClusterUid> = new Set();
