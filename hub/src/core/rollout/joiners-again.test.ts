import type { Cluster } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { World } from './rollout-fixture.ts';
import { approvedCanary, names, uidOf } from './samples-fixture.ts';

const twenty = names(20);

describe('clusters that join again, after the placement was taken from them while the rollout runs,', () => {
  /** Twenty on `one`, a rollout of `two`, and one cluster that it has, or has not, reached; taken out of the placement and wanted again. */
  function wantedAgain(isReached: boolean, labels: Cluster['labels'] = {}) {
    const world = new World(twenty.slice(1));
    world.register(twenty[0] ?? '', labels);
    world.push('one');
    world.run();
    world.strategy = { ...approvedCanary(), name: 'asks' };
    world.push('two');
    world.run();
    const [canary] = world.holding('two');
    const name = isReached ? canary! : twenty.find((one) => one !== canary)!;
    world.matched = new Set(twenty.filter((one) => one !== name));
    world.edit();
    world.run();
    expect(world.state.rows.get(uidOf(name))?.target.kind).toBe('removal');
    world.matched = undefined;
    world.edit();
    return { world, name };
  }

  it('get the stable release at once, and the candidate with their wave', () => {
    const { name, world } = wantedAgain(false);
    expect(world.settle()).toEqual(['clusters-admitted']);
    expect(world.holding('one')).toContain(name);
    world.operate({ verb: 'approve', stage: undefined });
    world.run();
    expect(world.holding('two')).toHaveLength(20);
    expect(world.state.history[0]).toMatchObject({ kind: 'update', outcome: 'succeeded' });
  });

  it('prove nothing of the rollout by the stable release, nor fail it, and catch up after its end', () => {
    const { name, world } = wantedAgain(true);
    expect(world.settle()).toEqual(['clusters-admitted']);
    expect(world.log.at(-1)?.event.payload).toMatchObject({ basis: 'joined-stable' });
    expect(world.state.active?.clusters.get(uidOf(name))?.phase).toMatchObject({ reason: 'unmatched' });
    world.says(name, { state: 'Degraded' });
    expect(world.settle()).toEqual([]);
    world.operate({ verb: 'approve', stage: undefined });
    world.run();
    expect(world.holding('two')).toHaveLength(20);
    expect(world.state.history.slice(0, 2).map(({ kind }) => kind)).toEqual(['catch-up', 'update']);
  });

  it('get the candidate at once where their stage is complete, outside its shares', () => {
    const { name, world } = wantedAgain(true, { 'flotilla.dev/canary': 'true' });
    expect(world.settle()).toEqual(['clusters-admitted']);
    expect(world.log.at(-1)?.event.payload).toMatchObject({ basis: 'joined-candidate' });
    expect(world.state.active?.clusters.get(uidOf(name))).toMatchObject({ wave: undefined });
    world.says(name, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed']);
  });
});
