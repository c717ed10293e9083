import { describe, expect, it } from 'vitest';
import { commitOf, names, person, uidOf, World } from './rollout-fixture.ts';

const twenty = names(20);

function stableWorld(clusters: readonly string[] = twenty): World {
  const world = new World(clusters);
  world.push('one');
  world.run();
  return world;
}

function opened(world: World): readonly string[] {
  return world.log
    .flatMap(({ event }) => (event.payload.kind === 'wave-opened' ? event.payload.clusters : []))
    .map((uid) => world.clusters.get(uid)?.cluster.name ?? uid);
}

describe('clusters that join', () => {
  it('get the stable release at once, without a soak', () => {
    const world = stableWorld();
    world.register('newcomer');
    world.resolve();
    expect(world.settle()).toEqual(['rollout-planned', 'wave-opened']);
    world.says('newcomer', { healthyForMs: 0 });
    expect(world.settle()).toEqual(['wave-passed', 'rollout-succeeded']);
    expect(world.state.history[0]).toMatchObject({ kind: 'expand' });
  });

  it('in a number above the policy go the placement s own way, canary first', () => {
    const world = stableWorld();
    const many = ['na', 'nb', 'nc', 'nd'];
    for (const name of many) world.register(name);
    world.resolve();
    world.settle();
    expect(world.state.active?.plan).toMatchObject({ rolloutKind: 'expand' });
    expect(world.state.active?.plan.waves.map((wave) => wave.clusters.length)).toEqual([1, 3]);
  });

  it('while a rollout runs get the stable release, and the candidate when it has ended', () => {
    const world = stableWorld();
    world.push('two');
    world.settle();
    world.register('newcomer');
    world.resolve();
    expect(world.settle()).toEqual(['clusters-admitted']);
    expect(world.holding('one')).toContain('newcomer');
    world.run();
    expect(world.holding('two')).toContain('newcomer');
    expect(world.state.history[0]).toMatchObject({ kind: 'catch-up' });
  });

  it('get the stable release while a rollout is halted', () => {
    const world = stableWorld();
    world.push('two');
    world.settle();
    world.says(world.holding('two')[0]!, { state: 'Degraded' });
    world.settle();
    world.register('newcomer');
    world.resolve();
    expect(world.settle()).toEqual(['clusters-admitted']);
    expect(world.holding('one')).toContain('newcomer');
  });

  describe('labelled as canaries, while a rollout runs', () => {
    const canary = { 'flotilla.dev/canary': 'true' };
    function joinsAt(world: World): readonly string[] {
      world.register('newcomer', canary);
      world.resolve();
      world.settle();
      return [world.holding('one'), world.holding('two')].map((held) =>
        held.includes('newcomer') ? 'here' : '',
      );
    }

    it('get the stable release before the canary stage is complete', () => {
      const world = stableWorld();
      world.push('two');
      world.settle();
      expect(joinsAt(world)).toEqual(['here', '']);
    });

    it('get the candidate once it is', () => {
      const world = stableWorld();
      world.push('two');
      world.settle();
      world.everybodyIsWell();
      world.settle();
      expect(joinsAt(world)).toEqual(['', 'here']);
    });

    it('get the stable release when the rollout halted after it', () => {
      const world = stableWorld();
      world.push('two');
      world.settle();
      world.everybodyIsWell();
      world.settle();
      world.says(world.holding('two')[0]!, { state: 'Degraded' });
      world.settle();
      expect(joinsAt(world)).toEqual(['here', '']);
    });
  });

  it('wait for the first rollout when nothing is stable yet', () => {
    const world = new World(names(3));
    world.push('one');
    world.settle();
    world.register('newcomer');
    world.resolve();
    expect(world.settle()).toEqual([]);
    expect(world.last.notes.map((one) => one.code)).toContain('JoinersWait');
    world.run();
    expect(world.holding('one')).toContain('newcomer');
  });

  it('do not count in the rollout that runs: their failure does not halt it', () => {
    const world = stableWorld();
    world.push('two');
    world.settle();
    world.register('newcomer');
    world.resolve();
    world.settle();
    world.says('newcomer', { state: 'Degraded' });
    expect(world.settle()).toEqual([]);
    expect(world.state.active?.status.kind).toBe('open');
  });

  it('that never connected are no targets', () => {
    const world = stableWorld();
    world.register('newcomer');
    world.clusters.get(uidOf('newcomer'))!.presence = 'never';
    world.resolve();
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]).toMatchObject({ code: 'Offline' });
  });
});

describe('clusters that leave', () => {
  function without(world: World, gone: readonly string[]): void {
    world.matched = new Set(twenty.filter((name) => !gone.includes(name)));
  }

  it('lose the placement by a removal row that names the commit', () => {
    const world = stableWorld();
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
    const world = stableWorld();
    without(world, twenty.slice(0, 2));
    world.edit();
    world.settle();
    expect(world.state.withdraw?.plan.waves.map((wave) => wave.clusters.length)).toEqual([1, 1]);
  });

  it('above a tenth of the fleet are held until a person accepts the commit', () => {
    const world = stableWorld();
    without(world, twenty.slice(0, 3));
    const commit = world.edit();
    expect(world.settle()).toEqual(['withdraw-held']);
    expect(world.last.notes[0]).toMatchObject({ code: 'WithdrawHeld' });
    expect(world.last.notes[0]?.text).toContain(`flotilla source accept control ${commit.id}`);
    world.accepted.set(commit.id, person);
    expect(world.settle()).toEqual(['withdraw-approved', 'rollout-planned', 'wave-opened']);
    expect(world.log.at(-3)?.event.actor).toBe(person);
  });

  it('stay held by an acceptance of another commit', () => {
    const world = stableWorld();
    without(world, twenty.slice(0, 3));
    world.edit();
    world.settle();
    world.accepted.set(commitOf(99).id, person);
    expect(world.settle()).toEqual([]);
  });

  it('are held again when more leave than a person agreed to', () => {
    const world = stableWorld();
    without(world, twenty.slice(0, 3));
    const commit = world.edit();
    world.settle();
    without(world, twenty.slice(0, 6));
    world.edit();
    expect(world.settle()).toEqual(['withdraw-held']);
    world.accepted.set(commit.id, person);
    expect(world.settle()).toEqual([]);
  });

  it('are held again even when some of them were agreed to before', () => {
    const world = stableWorld();
    for (const name of twenty.slice(1, 3)) world.goOffline(name);
    without(world, twenty.slice(0, 3));
    const commit = world.edit();
    world.settle();
    world.accepted.set(commit.id, person);
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
    world.accepted.set(commit.id, person);
    world.run();
    expect([...world.state.rows.values()].map((row) => row.target)).toEqual(
      Array(3).fill({ kind: 'removal', mode: 'orphan' }),
    );
  });

  it('are excluded from the rollout that runs', () => {
    const world = stableWorld();
    world.push('two');
    world.settle();
    const canary = opened(world).at(-1)!;
    without(world, [canary]);
    world.edit();
    world.run();
    expect(world.state.active).toBeUndefined();
    expect(world.holding('two')).toHaveLength(19);
    expect(world.state.rows.get(uidOf(canary))?.target.kind).toBe('removal');
  });

  it('that are matched again get the placement back', () => {
    const world = stableWorld();
    without(world, [twenty[0]!]);
    world.edit();
    world.settle();
    world.matched = undefined;
    world.edit();
    world.run();
    expect(world.holding('one')).toContain(twenty[0]);
  });

  it('offline keep their row until they are back', () => {
    const world = stableWorld();
    world.goOffline(twenty[0]!);
    without(world, [twenty[0]!]);
    world.edit();
    expect(world.settle()).toEqual([]);
    world.comeBack(twenty[0]!);
    expect(world.settle()).toEqual(['rollout-planned', 'wave-opened']);
  });

  it('whose registration is gone are not withdrawn, only forgotten when a person removed them', () => {
    const world = stableWorld();
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
    const world = stableWorld();
    for (const name of twenty.slice(0, 15)) world.clusters.delete(uidOf(name));
    world.resolve();
    expect(world.settle()).toEqual([]);
    expect(world.last.notes).toEqual([]);
  });

  it('stop the rollout of a placement that left the repository', () => {
    const world = stableWorld();
    world.push('two');
    world.settle();
    world.remove();
    expect(world.settle()).toEqual(['withdraw-held', 'rollout-cancelled']);
  });
});
