import { describe, expect, it } from 'vitest';
import { World } from './rollout-fixture.ts';
import { canaryThenRest, uidOf } from './samples-fixture.ts';
import { canaryWorld, five, newestWave, stableWorld, textOf } from './stable-world-fixture.ts';

describe('undo', () => {
  it('takes a running rollout back to stable, and its release stays rejected', () => {
    const { world, canary } = canaryWorld();
    world.says(canary, { state: 'Degraded' });
    world.settle();
    expect(textOf(world.operate({ verb: 'undo' }, undefined, 'it pages'))).toBe('is undone by shop-3');
    expect(world.run()).toEqual(['wave-opened', 'wave-passed', 'rollout-succeeded']);
    expect(world.holding('one')).toHaveLength(5);
    expect(world.state.history.slice(0, 2)).toMatchObject([
      { kind: 'rollback', outcome: 'succeeded' },
      { outcome: 'superseded' },
    ]);
    expect(world.state.rows.get(uidOf(canary))).toMatchObject({
      mode: 'rollback',
      cause: { kind: 'decision' },
    });
    expect(world.last.notes[0]).toMatchObject({
      code: 'Rejected',
      text: expect.stringContaining('it pages'),
    });
  });

  it('works while nobody can say what Git asks for', () => {
    const { world } = canaryWorld();
    world.desired = {
      kind: 'unresolved',
      reasons: [{ code: 'SOURCE_UNAVAILABLE', text: 'away', subject: 'shop' }],
    };
    expect(world.operate({ verb: 'undo' }).ok).toBe(true);
    expect(world.run()).toContain('rollout-succeeded');
    expect(world.holding('one')).toHaveLength(5);
  });

  it('of a success goes to what was stable before, once', () => {
    const world = stableWorld(five);
    world.push('two');
    world.run();
    expect(world.operate({ verb: 'undo' }).ok).toBe(true);
    world.run();
    expect(world.holding('one')).toHaveLength(5);
    expect(textOf(world.operate({ verb: 'undo' }))).toMatch(/^is undone: /);
    expect(world.settle()).toEqual([]);
  });

  it('of a success is no other after clusters joined it', () => {
    const world = stableWorld(five);
    world.push('two');
    world.run();
    world.register('cnew');
    world.resolve();
    world.run();
    expect(world.state.history[0]).toMatchObject({ kind: 'expand', outcome: 'succeeded' });
    expect(world.operate({ verb: 'undo' }).ok).toBe(true);
    world.run();
    expect(world.holding('one')).toHaveLength(6);
  });

  it('gives nothing to a cluster that is on its way out', () => {
    const { world } = canaryWorld();
    world.everybodyIsWell();
    world.settle();
    const [leaver] = newestWave(world);
    world.matched = new Set(five.filter((name) => name !== leaver));
    world.edit();
    world.operate({ verb: 'undo' });
    expect(world.state.active?.plan.rejects).toBeDefined();
    expect(world.state.active?.clusters.has(uidOf(leaver!))).toBe(false);
  });

  it('gives the stable release to who joins, comes back or changes during and after it', () => {
    const { world } = canaryWorld();
    world.everybodyIsWell();
    world.settle();
    world.goOffline(five[4]!, 0);
    world.settle();
    world.operate({ verb: 'undo' });
    world.register('cnew');
    world.resolve();
    expect(world.settle()).toContain('clusters-admitted');
    expect(world.holding('one')).toContain('cnew');
    world.run();
    world.register('clater');
    world.resolve();
    world.comeBack(five[4]!);
    world.run();
    expect(world.holding('one')).toEqual([...five, 'clater', 'cnew'].sort());
  });

  it('is over when Git asks for something else, and the same release may come back then', () => {
    const { world } = canaryWorld();
    world.operate({ verb: 'undo' });
    world.push('three');
    expect(world.settle()).toEqual(['rejection-lifted', 'wave-opened']);
    expect(world.last.notes[0]).toMatchObject({
      code: 'Queued',
      text: expect.stringContaining('it rolls back'),
    });
    world.run();
    expect(world.holding('three')).toHaveLength(5);
    world.push('two');
    world.run();
    expect(world.holding('two')).toHaveLength(5);
  });

  it('is over by retry, also before it ended', () => {
    const { world } = canaryWorld();
    world.operate({ verb: 'undo' });
    world.settle();
    world.operate({ verb: 'retry' });
    world.run();
    expect(world.holding('two')).toHaveLength(5);
  });

  it('of an aborted rollout takes back what it had given', () => {
    const { world } = canaryWorld();
    world.operate({ verb: 'abort' });
    expect(world.operate({ verb: 'undo' }).ok).toBe(true);
    world.run();
    expect(world.holding('one')).toHaveLength(5);
  });

  it('that is itself aborted stands still, and its release stays rejected', () => {
    const { world } = canaryWorld();
    world.everybodyIsWell();
    world.settle();
    world.operate({ verb: 'undo' });
    world.settle();
    world.operate({ verb: 'abort' });
    expect(world.run()).toEqual([]);
    expect(world.holding('two')).toHaveLength(4);
    expect(world.last.notes[0]).toMatchObject({ code: 'Aborted' });
    world.operate({ verb: 'undo' });
    world.run();
    expect(world.holding('one')).toHaveLength(5);
  });

  it('says why it cannot be: nothing was ever stable, nobody got it, the placement is gone, an older rollout is meant', () => {
    const fresh = new World(five);
    fresh.push('one');
    fresh.settle();
    expect(textOf(fresh.operate({ verb: 'undo' }))).toMatch(/^NoStable: /);
    const { world } = canaryWorld();
    expect(textOf(world.operate({ verb: 'undo' }, world.state.history[0]!.id))).toMatch(
      /^NotTheLast: shop-1 .* shop-2/,
    );
    world.remove();
    expect(textOf(world.operate({ verb: 'undo' }))).toMatch(/^Absent: /);
  });
});

describe('a strategy that rolls back', () => {
  const strategy = canaryThenRest(2_000, {
    failure: {
      max: { kind: 'percent', percent: 5 },
      total: { kind: 'percent', percent: 3 },
      action: 'rollback',
    },
  });

  it('goes back to stable by itself once it halts', () => {
    const world = stableWorld(five);
    world.strategy = strategy;
    world.push('two');
    world.settle();
    world.says(newestWave(world)[0]!, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted', 'rollout-planned', 'wave-opened']);
    world.run();
    expect(world.holding('one')).toHaveLength(5);
    expect(world.state.rejected).toMatchObject({
      by: { kind: 'hub' },
      text: expect.stringContaining('failed'),
    });
  });

  it('only halts where nothing was ever stable', () => {
    const world = new World(five);
    world.strategy = strategy;
    world.push('one');
    world.settle();
    world.says(newestWave(world)[0]!, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
  });
});
