import { describe, expect, it } from 'vitest';
import type { World } from './rollout-fixture.ts';
import { commitOf, names, person, uidOf } from './samples-fixture.ts';
import { newestWave, stableWorld } from './stable-world-fixture.ts';

const twenty = names(20);

describe('clusters that leave', () => {
  function without(world: World, gone: readonly string[]): void {
    world.matched = new Set(twenty.filter((name) => !gone.includes(name)));
  }

  it('lose the placement by a removal row that names the commit', () => {
    const world = stableWorld(twenty);
    without(world, [twenty[0]!]);
    const commit = world.edit();
    expect(world.settle()).toEqual(['rollout-planned', 'wave-opened']);
    const row = world.state.rows.get(uidOf(twenty[0]!));
    expect(row).toMatchObject({
      cause: { kind: 'commit', commit: commit.id },
      target: { kind: 'removal', mode: 'prune' },
    });
    world.everybodyIsWell();
    expect(world.settle()).toEqual(['wave-passed', 'rollout-succeeded']);
  });

  it('one first, then the others', () => {
    const world = stableWorld(twenty);
    without(world, twenty.slice(0, 2));
    world.edit();
    world.settle();
    expect(world.state.withdraw?.plan.waves.map((wave) => wave.clusters.length)).toEqual([1, 1]);
  });

  it('above a tenth of the fleet are held until a person accepts the commit', () => {
    const world = stableWorld(twenty);
    without(world, twenty.slice(0, 3));
    const commit = world.edit();
    expect(world.settle()).toEqual(['withdraw-held']);
    expect(world.last.notes[0]).toMatchObject({ code: 'WithdrawHeld' });
    expect(world.last.notes[0]?.text).toContain(`flotilla source accept control ${commit.id}`);
    world.accept(commit.id);
    expect(world.settle()).toEqual(['withdraw-approved', 'rollout-planned', 'wave-opened']);
    expect(world.log.at(-3)?.event.actor).toBe(person);
  });

  it('stay held when their commit was accepted before anybody could see what it takes away', () => {
    const world = stableWorld(twenty);
    without(world, twenty.slice(0, 3));
    const commit = world.edit();
    world.accept(commit.id);
    expect(world.settle()).toEqual(['withdraw-held']);
    world.accept(commit.id);
    expect(world.settle()).toEqual(['withdraw-approved', 'rollout-planned', 'wave-opened']);
  });

  it('stay held while others begin to run the placement in their place: all who ran it still leave', () => {
    const world = stableWorld(twenty.slice(0, 2));
    for (const name of twenty.slice(2)) world.register(name);
    world.matched = new Set(twenty.slice(2, 5));
    world.edit();
    const kinds = world.run();
    expect(kinds.filter((kind) => kind === 'withdraw-held')).toHaveLength(1);
    expect(world.state.withdraw).toBeUndefined();
    for (const name of twenty.slice(0, 2))
      expect(world.state.rows.get(uidOf(name))?.target.kind).toBe('variant');
    // One of the new ones leaves as well: the others are not taken along.
    world.matched = new Set(twenty.slice(3, 5));
    const later = world.edit();
    world.run();
    for (const name of twenty.slice(0, 3))
      expect(world.state.rows.get(uidOf(name))?.target.kind).toBe('variant');
    world.accept(later.id);
    world.run();
    for (const name of twenty.slice(0, 3))
      expect(world.state.rows.get(uidOf(name))?.target.kind).toBe('removal');
  });

  it('stay held by an acceptance of another commit', () => {
    const world = stableWorld(twenty);
    without(world, twenty.slice(0, 3));
    world.edit();
    world.settle();
    world.accept(commitOf(99).id);
    expect(world.settle()).toEqual([]);
  });

  it('are held again when more leave than a person agreed to', () => {
    const world = stableWorld(twenty);
    without(world, twenty.slice(0, 3));
    const commit = world.edit();
    world.settle();
    without(world, twenty.slice(0, 6));
    world.edit();
    expect(world.settle()).toEqual(['withdraw-held']);
    world.accept(commit.id);
    expect(world.settle()).toEqual([]);
  });

  it('are held again even when some of them were agreed to before', () => {
    const world = stableWorld(twenty);
    for (const name of twenty.slice(1, 3)) world.goOffline(name);
    without(world, twenty.slice(0, 3));
    const commit = world.edit();
    world.settle();
    world.accept(commit.id);
    world.run();
    for (const name of twenty.slice(1, 3)) world.comeBack(name);
    without(world, twenty.slice(0, 6));
    world.edit();
    expect(world.settle()).toEqual(['withdraw-held']);
  });

  it('all of them are held, however few', () => {
    const world = stableWorld(names(1));
    world.matched = new Set();
    world.edit();
    expect(world.settle()).toEqual(['withdraw-held']);
  });

  it('a placement whose file went is held, and after the yes removed with the mode it last had', () => {
    const world = stableWorld(names(3));
    if (world.desired.kind === 'release') world.desired = { ...world.desired, onUnmatch: 'orphan' };
    expect(world.settle()).toEqual(['on-unmatch-set']);
    const commit = world.remove();
    expect(world.settle()).toEqual(['withdraw-held']);
    world.accept(commit.id);
    world.run();
    expect([...world.state.rows.values()].map((row) => row.target)).toEqual(
      Array(3).fill({ kind: 'removal', mode: 'orphan' }),
    );
  });

  it('are excluded from the rollout that runs', () => {
    const world = stableWorld(twenty);
    world.push('two');
    world.settle();
    const canary = newestWave(world)[0]!;
    without(world, [canary]);
    world.edit();
    world.run();
    expect(world.state.active).toBeUndefined();
    expect(world.holding('two')).toHaveLength(19);
    expect(world.state.rows.get(uidOf(canary))?.target.kind).toBe('removal');
  });

  it('that are matched again get the placement back', () => {
    const world = stableWorld(twenty);
    without(world, [twenty[0]!]);
    world.edit();
    world.settle();
    world.matched = undefined;
    world.edit();
    world.run();
    expect(world.holding('one')).toContain(twenty[0]);
  });

  it('that are matched again while their removal waits for them do not keep it from ending', () => {
    const world = stableWorld(twenty);
    without(world, twenty.slice(0, 3));
    const commit = world.edit();
    world.settle();
    world.accept(commit.id);
    world.settle();
    const [back] = world.state.withdraw!.plan.waves[1]!.clusters;
    const name = world.clusters.get(back!)!.cluster.name;
    world.goOffline(name);
    world.everybodyIsWell();
    world.settle();
    expect(world.state.withdraw?.clusters.get(back!)?.phase).toMatchObject({ reason: 'offline' });
    world.comeBack(name);
    without(
      world,
      twenty.slice(0, 3).filter((one) => one !== name),
    );
    world.edit();
    world.run();
    expect(world.state.withdraw).toBeUndefined();
    expect(world.holding('one')).toContain(name);
  });

  it('offline keep their row until they are back', () => {
    const world = stableWorld(twenty);
    world.goOffline(twenty[0]!);
    without(world, [twenty[0]!]);
    world.edit();
    expect(world.settle()).toEqual([]);
    world.comeBack(twenty[0]!);
    expect(world.settle()).toEqual(['rollout-planned', 'wave-opened']);
  });

  it('whose registration is gone are not withdrawn, only forgotten when a person removed them', () => {
    const world = stableWorld(twenty);
    const uid = uidOf(twenty[0]!);
    world.clusters.delete(uid);
    world.resolve();
    expect(world.settle()).toEqual([]);
    expect(world.state.rows.has(uid)).toBe(true);
    world.removed.add(uid);
    expect(world.settle()).toEqual(['cluster-forgotten']);
    expect(world.state.rows.has(uid)).toBe(false);
  });

  it('are not concluded from a list of registrations that lost its entries', () => {
    const world = stableWorld(twenty);
    for (const name of twenty.slice(0, 15)) world.clusters.delete(uidOf(name));
    world.resolve();
    expect(world.settle()).toEqual([]);
    expect(world.last.notes).toEqual([]);
  });

  it('stop the rollout of a placement that left the repository', () => {
    const world = stableWorld(twenty);
    world.push('two');
    world.settle();
    world.remove();
    expect(world.settle()).toEqual(['withdraw-held', 'rollout-cancelled']);
  });
});
