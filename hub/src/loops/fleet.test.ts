import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import { zeroDigest } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { World } from '../core/rollout/rollout-fixture.ts';
import { placement } from '../core/rollout/samples-fixture.ts';
import { Fleet } from './fleet.ts';
import { placementSubject } from './fleet-state.ts';

/** A fleet that has folded a placement's log, and what it tells from then on. */
function startFleet(world: World) {
  const fleet = new Fleet();
  for (const { cluster } of world.clusters.values()) fleet.setRegistration(cluster.uid, cluster, 0);
  for (const { event, ...stored } of world.log) {
    fleet.foldDecision({ ...stored, subject: placementSubject(placement), event });
  }
  fleet.logFolded();
  fleet.registryRead();
  const told = { seen: [] as PlacementName[], work: [] as PlacementName[], clusters: [] as unknown[] };
  fleet.onPlacement.add((name) => told.seen.push(name));
  fleet.onWork.add((name) => told.work.push(name));
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
  return { fleet, told, report };
}

describe('what a hub process knows', () => {
  it('wakes the rollouts for a report only while a rollout runs, and shows the report always', () => {
    const world = new World(['eu-1', 'eu-2', 'eu-3']);
    world.push('one');
    world.settle();
    world.everybodyIsWell();
    const running = startFleet(world);
    const [first] = [...world.clusters.keys()].filter((uid) => world.state.rows.has(uid));

    running.report(first!);

    expect(running.told.work).toEqual([placement]);
    expect(running.told.seen).toEqual([placement]);

    world.run();
    world.everybodyIsWell();
    const ended = startFleet(world);
    ended.report(first!);

    expect(ended.told.work).toEqual([]);
    expect(ended.told.seen).toEqual([placement]);
  });

  it('tells which registration changed, by its name also when it went', () => {
    const world = new World(['eu-1', 'eu-2']);
    const { fleet, told } = startFleet(world);
    const [one] = world.clusters.values();

    fleet.setRegistration(one!.cluster.uid, one!.cluster, 5);
    fleet.setRegistration(one!.cluster.uid, undefined, 6);

    const changed = { uid: one!.cluster.uid, name: 'eu-1' };
    expect(told.clusters).toEqual([changed, changed]);
    expect([...fleet.removed]).toEqual([one!.cluster.uid]);
  });
});
