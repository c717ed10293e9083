import { describe, expect, it } from 'vitest';
import { names } from './samples-fixture.ts';
import { stableWorld, textOf } from './stable-world-fixture.ts';

describe('abort of a removal', () => {
  function leaving() {
    const all = names(40);
    const world = stableWorld(all);
    world.matched = new Set(all.slice(4));
    world.edit();
    world.settle();
    const removed = () =>
      [...world.state.rows.values()].filter((row) => row.target.kind === 'removal').length;
    return { world, all, removed };
  }

  it('lets the clusters that it has not reached keep the placement, until retry', () => {
    const { removed, world } = leaving();
    expect(textOf(world.operate({ verb: 'abort' }))).toMatch(
      /^is aborted: clusters that it has not reached keep/,
    );
    world.run();
    world.edit();
    expect(world.run()).toEqual([]);
    expect(removed()).toBe(1);
    expect(world.last.notes[0]).toMatchObject({ code: 'WithdrawAborted' });
    world.operate({ verb: 'retry' });
    world.run();
    expect(removed()).toBe(4);
  });

  it('is over for a cluster that was wanted again: the next time it leaves like any other', () => {
    const { all, removed, world } = leaving();
    world.operate({ verb: 'abort' });
    world.matched = undefined;
    world.edit();
    world.run();
    world.matched = new Set(all.slice(4));
    world.edit();
    world.run();
    expect(removed()).toBe(4);
  });

  it('beside a rollout that brings a release asks which is meant, and then ends that one, however often it is said', () => {
    const { world } = leaving();
    const removal = world.state.withdraw!.id;
    world.push('two');
    world.settle();
    const release = world.state.active!.id;
    expect(textOf(world.operate({ verb: 'abort' }))).toBe(
      `SeveralRun: ${release} (update) and ${removal} (withdraw) run: say which, as in flotilla rollout abort ${release}`,
    );
    for (let time = 0; time < 2; time += 1)
      expect(textOf(world.operate({ verb: 'abort' }, release))).toMatch(/^is aborted: who has its release/);
    expect(world.state.withdraw?.id).toBe(removal);
    expect(world.state.active).toBeUndefined();
  });

  it('of one that is halted does not start it anew', () => {
    const { removed, world } = leaving();
    const [uid] = [...world.state.rows].find(([, row]) => row.target.kind === 'removal') ?? [];
    const name = [...world.clusters.values()].find((one) => one.cluster.uid === uid)?.cluster.name ?? '';
    world.says(name, { state: 'Stalled', reason: 'Forbidden', text: 'no' });
    expect(world.settle()).toContain('rollout-halted');
    world.operate({ verb: 'abort' });
    expect(world.settle()).toEqual([]);
    expect(removed()).toBe(1);
  });
});
