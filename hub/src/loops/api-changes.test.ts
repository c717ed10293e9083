import { describe, expect, it } from 'vitest';
import type { ItemChange } from '../api-port.ts';
import { placement } from '../core/rollout/samples-fixture.ts';
import { canaryWorld, five } from '../core/rollout/stable-world-fixture.ts';
import { apiChanges } from './api-changes.ts';
import { startFleet } from './fleet-fixture.ts';

/** A fleet of five whose canary is out, and what its viewers are told from then on. */
function watched() {
  const { canary, world } = canaryWorld();
  const started = startFleet(world);
  const changes = apiChanges(started.fleet, new AbortController().signal);
  const told: ItemChange[] = [];
  changes.subscribe((change) => told.push(change));
  return { ...started, canary, world, changes, take: () => told.splice(0) };
}

describe('what viewers are told of a fleet', () => {
  it('a report changes its cluster and all of its assignments, told as one, and what it speaks of', () => {
    const { canary, changes, report, take, world } = watched();
    world.everybodyIsWell();
    const uid = [...world.clusters].find(([, one]) => one.cluster.name === canary)?.[0];
    take();

    report(uid!);

    const told = take();
    expect(told).toContainEqual({ kind: 'clusters', name: canary });
    expect(told).toContainEqual({ kind: 'placements', name: placement });
    const [group] = told.filter((one) => one.kind === 'assignments-of-cluster');
    expect([...changes.assignmentsOf(group!)]).toEqual([`${canary}/${placement}`]);
  });

  it('a step of a rollout changes all assignments of the placement, told as one', () => {
    const { changes, fold, take, world } = watched();
    world.everybodyIsWell();
    world.settle();

    fold();

    const told = take();
    const groups = told.filter((one) => one.kind === 'assignments-of-placement');
    expect(groups.length).toBeGreaterThan(0);
    expect(told.filter((one) => one.kind === 'assignments')).toEqual([]);
    expect([...changes.assignmentsOf(groups[0]!)].sort()).toEqual(
      five.map((name) => `${name}/${placement}`).sort(),
    );
  });

  it('clusters that a log stops to speak of, here when the rollout ends, are told by name', () => {
    const { fleet, fold, take, world } = watched();
    const [uid, gone] = [...world.clusters][0]!;
    // This process knows the cluster still; the log has forgotten it.
    world.removed.add(uid);
    world.clusters.delete(uid);
    world.run();
    // The first state that is folded is the one that later ones are compared with.
    fleet.setNotes(placement, { notes: [], held: new Map() });
    fleet.onPlacement.tell(placement);
    take();
    fold();

    expect(take()).toContainEqual({ kind: 'assignments', name: `${gone.cluster.name}/${placement}` });
  });
});
