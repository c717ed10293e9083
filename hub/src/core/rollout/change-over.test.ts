import type { ClusterUid } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { isChangeOver } from './change-over.ts';
import type { World } from './rollout-fixture.ts';
import { person, placement, uidOf } from './samples-fixture.ts';
import { canaryWorld, five, newestWave, stableWorld } from './stable-world-fixture.ts';

/** Clusters whose tokens are still held, by name. */
function changing(world: World): readonly string[] {
  const found = [...world.fleet.budget.held].flatMap(([rollout, { clusters }]) =>
    [...clusters].filter((cluster: ClusterUid) => {
      const token = { placement, rollout, cluster };
      return !isChangeOver(world.state, world.evidence(), token, world.nowMs);
    }),
  );
  return found.map((uid) => world.clusters.get(uid)?.cluster.name ?? uid).sort();
}

describe('a change of a cluster', () => {
  it('lasts from its row to the word of its agent on exactly that row', () => {
    const { canary, world } = canaryWorld();
    expect(changing(world)).toEqual([canary]);
    world.says(canary, { state: 'Progressing' });
    expect(changing(world)).toEqual([canary]);
    world.says(canary, { healthyForMs: 0 });
    expect(changing(world)).toEqual([]);
  });

  it('I2: is over for those of a rollout that ended who were proven in it, although they cannot be heard now', () => {
    const world = stableWorld(five);
    for (const name of five) world.goOffline(name, 0);
    expect(changing(world)).toEqual([]);
  });

  it('I2: is over for those of a rollout that gave way who had failed in it, and not for those of whom nothing is known', () => {
    const { canary, world } = canaryWorld();
    world.says(canary, { state: 'Degraded' });
    world.settle();
    world.goOffline(canary);
    world.push('three');
    world.settle();
    expect(world.state.history[0]).toMatchObject({ outcome: 'superseded' });
    const [next = ''] = newestWave(world);
    expect(next).not.toBe(canary);
    expect(changing(world)).toEqual([next]);
    world.goOffline(next, 0);
    world.push('four');
    world.settle();
    expect(changing(world)).toContain(next);
    expect(changing(world)).not.toContain(canary);
  });

  it('I2: is one again when its row is made anew with a permission to delete', () => {
    const world = stableWorld(five);
    const [name = ''] = five;
    const cluster = uidOf(name);
    world.goOffline(name, 0);
    const row = world.state.rows.get(cluster)!;
    const token = { placement, rollout: row.rollout, cluster };
    const isOver = () => isChangeOver(world.state, world.evidence(), token, world.nowMs);
    expect(isOver()).toBe(true);
    const listHash = row.eventHash;
    world.append({
      actor: person,
      evidence: undefined,
      payload: { kind: 'prune-permitted', cluster, version: row.version, listHash },
    });
    expect(isOver()).toBe(false);
  });
});
