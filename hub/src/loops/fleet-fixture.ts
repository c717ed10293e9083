import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import { zeroDigest } from '@flotilla/shared/model';
import type { World } from '../core/rollout/rollout-fixture.ts';
import { placement } from '../core/rollout/samples-fixture.ts';
import { Fleet } from './fleet.ts';
import { placementSubject } from './fleet-state.ts';

/** A fleet that has folded a placement's log, and what it tells from then on. */
export function startFleet(world: World) {
  const fleet = new Fleet();
  for (const { cluster } of world.clusters.values()) fleet.setRegistration(cluster.uid, cluster, 0);
  let folded = 0;
  /** Takes what the world has decided since. */
  function fold(): void {
    for (const { event, ...stored } of world.log.slice(folded))
      fleet.foldDecision({ ...stored, subject: placementSubject(placement), event });
    folded = world.log.length;
  }
  fold();
  fleet.logFolded();
  fleet.registryRead();
  const told = {
    seen: [] as PlacementName[],
    work: [] as PlacementName[],
    aging: [] as PlacementName[],
    clusters: [] as unknown[],
  };
  fleet.onPlacement.add((name) => told.seen.push(name));
  fleet.onWork.add((name) => told.work.push(name));
  fleet.onAging.add((name) => told.aging.push(name));
  fleet.onClusters.add((changed) => told.clusters.push(changed));
  let seq = 0;
  /** The cluster's agent tells of the row that it has. */
  function report(uid: ClusterUid): void {
    seq += 1;
    const entry = world.clusters.get(uid)?.report;
    if (entry === undefined) throw new Error(`${uid} has nothing to tell`);
    const facts = {
      kubernetes: 'v1.36.0',
      nodes: 1,
      agent: '0.1.0',
      isSimulated: false,
      fetchRungs: {},
      inventoryParent: 'assignments.flotilla.dev',
      more: {},
    };
    const common = { incarnation: 1, heldDigest: zeroDigest, madeAtMs: 0, trimmed: [] };
    fleet.foldReport(uid, { ...common, seq, facts, assignments: [entry] }, 1_000 + seq);
  }
  return { fleet, told, fold, report };
}
