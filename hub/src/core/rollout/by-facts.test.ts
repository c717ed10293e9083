import type { ClusterUid } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { previousMatch } from './by-facts.ts';
import { desiredNow } from './desired.ts';
import type { World } from './rollout-fixture.ts';
import { names, uidOf } from './samples-fixture.ts';
import { stableWorld } from './stable-world-fixture.ts';
import type { DesiredRelease } from './wanted.ts';

const twenty = names(20);
const [one = '', two = ''] = twenty;

function doubtedWorld(asks: boolean, ...doubted: readonly string[]): World {
  const world = stableWorld(twenty);
  for (const name of doubted) world.kept.set(name, { asks });
  world.resolve();
  return world;
}

/** What placing comes to after a removal: who runs nothing any more is not kept. */
function placeAgain(world: World, gone: readonly string[]): void {
  world.kept.clear();
  world.matched = new Set(twenty.filter((name) => !gone.includes(name)));
  world.resolve();
}

function commitIn(world: World): DesiredRelease['commit'] {
  if (world.desired.kind !== 'release') throw new Error('not resolved');
  return world.desired.commit;
}

describe('clusters that facts alone would take a placement from', () => {
  it('I18: keep it, and a person is asked once, with the reason and the command', () => {
    const world = doubtedWorld(true, one);
    expect(world.settle()).toEqual(['withdraw-held']);
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]).toMatchObject({ code: 'WithdrawHeld' });
    expect(world.last.notes[0]?.text).toBe(
      `facts alone say that 1 cluster should not have the placement (cel "x" is false for ${one}); nothing is removed until a person agrees: flotilla source accept control ${commitIn(world)}`,
    );
    expect(world.state.rows.get(uidOf(one))?.target.kind).toBe('variant');
  });

  it('are no question while nobody knows', () => {
    const world = doubtedWorld(false, one, two);
    expect(world.settle()).toEqual([]);
    expect(world.last.notes).toEqual([]);
  });

  it('go on to get new releases', () => {
    const world = doubtedWorld(true, one);
    world.push('two');
    world.run();
    expect(world.holding('two')).toHaveLength(20);
  });

  it('lose it when a person agrees', () => {
    const world = doubtedWorld(true, one, two);
    world.settle();
    world.accept(commitIn(world));
    expect(world.settle()).toEqual(['withdraw-approved', 'rollout-planned', 'wave-opened']);
    // Until placing has looked again, those it still names are given nothing.
    world.run();
    placeAgain(world, [one, two]);
    expect(world.run()).toEqual([]);
    expect(twenty.filter((name) => world.state.rows.get(uidOf(name))?.target.kind === 'removal')).toEqual([
      one,
      two,
    ]);
  });

  it('are asked about again when facts change their mind twice: an earlier yes does not count', () => {
    const world = doubtedWorld(true, one);
    world.goOffline(one);
    world.settle();
    world.accept(commitIn(world));
    // Nothing can be removed from a cluster that is away; meanwhile facts say yes again.
    expect(world.settle()).toEqual(['withdraw-approved']);
    world.kept.clear();
    world.resolve();
    expect(world.settle()).toEqual(['withdraw-lifted']);
    world.comeBack(one);
    world.kept.set(one, { asks: true });
    world.resolve();
    expect(world.settle()).toEqual(['withdraw-held']);
    expect(world.settle()).toEqual([]);
  });

  it('are no question any more when facts say yes again', () => {
    const world = doubtedWorld(true, one);
    world.settle();
    world.kept.clear();
    world.resolve();
    expect(world.settle()).toEqual(['withdraw-lifted']);
    expect(world.state.held).toBeUndefined();
    expect(world.last.notes).toEqual([]);
  });

  it('are not removed when Git wants them again, by a withdraw that began before and that nobody was asked about', () => {
    const world = doubtedWorld(false);
    world.matched = new Set(twenty.filter((name) => name !== one && name !== two));
    world.edit();
    world.settle();
    const last =
      [one, two].find((name) => world.state.rows.get(uidOf(name))?.target.kind === 'variant') ?? '';
    expect(world.state.withdraw?.clusters.get(uidOf(last))?.phase.kind).toBe('waiting');

    world.matched = new Set([...world.matched, last]);
    world.kept.set(last, { asks: false });
    world.edit();
    world.run();
    expect(world.state.rows.get(uidOf(last))?.target.kind).toBe('variant');
  });

  it('are not removed for a yes to a removal that Git has taken back, while nobody knows their facts', () => {
    const world = doubtedWorld(false);
    const some = twenty.slice(0, 8);
    for (const name of some) world.goOffline(name);
    world.matched = new Set(twenty.slice(8));
    const { id } = world.edit();
    world.settle();
    world.accept(id);
    expect(world.settle()).toEqual(['withdraw-approved']);

    world.matched = undefined;
    for (const name of some) world.kept.set(name, { asks: false });
    world.edit();
    expect(world.settle()).toEqual(['withdraw-lifted']);
    for (const name of some) world.comeBack(name);
    world.run();
    expect(world.holding('one')).toHaveLength(20);
  });

  it('do not hold those who leave by the hand of people', () => {
    const world = doubtedWorld(true, one);
    world.matched = new Set(twenty.filter((name) => name !== two));
    world.edit();
    const kinds = world.run();
    expect(kinds).toContain('rollout-succeeded');
    expect(world.state.rows.get(uidOf(two))?.target.kind).toBe('removal');
    expect(world.state.rows.get(uidOf(one))?.target.kind).toBe('variant');
    expect(world.state.held?.clusters).toEqual([uidOf(one)]);
  });
});

describe('a look at facts', () => {
  const uids = (...some: readonly string[]): ReadonlySet<ClusterUid> => new Set(some.map(uidOf));

  it('does not count when somebody has got the placement since, whom it left out', () => {
    const world = stableWorld([one, two]);
    world.matched = new Set([one]);
    world.resolve();
    const desired = world.desired as DesiredRelease;
    const now = (running: ReadonlySet<ClusterUid>) =>
      desiredNow({ ...desired, previous: { running, planned: new Set() } }, 0, world.state).kind;
    expect(now(uids(one, two))).toBe('release');
    expect(now(uids(one))).toBe('unresolved');
    // Whoever is wanted loses nothing, known or not.
    expect(now(uids(two))).toBe('release');
  });

  it('knows who waits in a plan', () => {
    const world = stableWorld(twenty);
    world.push('two');
    world.settle();
    const { planned, running } = previousMatch(world.state);
    expect(running.size).toBe(20);
    expect(planned.size).toBe(19);
  });
});
