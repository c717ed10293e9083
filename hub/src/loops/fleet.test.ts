import { describe, expect, it } from 'vitest';
import { World } from '../core/rollout/rollout-fixture.ts';
import { placement } from '../core/rollout/samples-fixture.ts';
import { startFleet } from './fleet-fixture.ts';

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
