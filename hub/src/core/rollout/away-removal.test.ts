import { expect, test } from 'vitest';
import { advanceRollout } from './advance.ts';
import type { World } from './rollout-fixture.ts';
import { uidOf } from './samples-fixture.ts';
import { five, newestWave, stableWorld } from './stable-world-fixture.ts';

test('a removal whose first cluster went away when it was planned goes on with the others, and with it after its return', () => {
  const world = stableWorld(five);
  const { id } = world.remove();
  world.settle();
  world.accept(id);
  // Between its plan and its first wave there is a moment.
  while (world.state.withdraw === undefined) {
    const [draft = expect.fail('a removal is planned')] = advanceRollout(
      world.state,
      world.evidence(),
      world.nowMs,
    ).events;
    world.append(draft);
  }
  const { plan } = world.state.withdraw ?? expect.fail('a removal is planned');
  const [first] = plan.waves[0]?.clusters ?? [];
  const { name } =
    [...world.clusters.values()].find(({ cluster }) => cluster.uid === first)?.cluster ?? expect.fail();
  world.goOffline(name);
  // What is planned anew is asked about anew.
  const agree = () => {
    world.run();
    world.accept(id);
    world.run();
  };
  agree();
  const left = () =>
    [...world.state.rows].filter(([, { target }]) => target.kind === 'variant').map(([uid]) => uid);
  expect(left()).toEqual([first]);
  world.comeBack(name);
  agree();
  expect(left()).toEqual([]);
});

test('a removal of one that went away gives way to those that had something to hand over when it was planned', () => {
  const world = stableWorld(five);
  const [first = '', ...others] = five;
  const waits = { code: 'HandOver', text: 'its objects go to another placement first', subject: 'shop' };
  const setHandOver = (handOver: typeof waits | undefined) => {
    for (const name of others) Object.assign(world.clusters.get(uidOf(name)) ?? expect.fail(), { handOver });
  };
  setHandOver(waits);
  const { id } = world.remove();
  world.settle();
  world.accept(id);
  while (world.state.withdraw === undefined) {
    const { events } = advanceRollout(world.state, world.evidence(), world.nowMs);
    world.append(events[0] ?? expect.fail('a removal is planned'));
  }
  expect(Object.keys(world.state.withdraw.plan.targets)).toEqual([uidOf(first)]);
  world.goOffline(first);
  world.settle();
  expect(keepers(world)).toEqual(five);
  setHandOver(undefined);
  world.settle();
  world.accept(id);
  world.run();
  expect(keepers(world)).toEqual([first]);
});

/** Names of the clusters that were not told to remove the placement. */
function keepers({ state }: World): readonly string[] {
  return five.filter((name) => state.rows.get(uidOf(name))?.target.kind === 'variant');
}

/** A removal from all five that has begun with a cluster which falls silent, and halted by that. */
function haltedBySilence() {
  const world = stableWorld(five);
  const { id } = world.remove();
  world.settle();
  world.accept(id);
  world.settle();
  const [first = ''] = newestWave(world);
  world.goOffline(first, 0);
  world.nowMs += 600_000 + 300_000;
  expect(world.settle()).toEqual(['tick', 'cluster-failed', 'rollout-halted']);
  return { world, first, id };
}

test('a removal whose first cluster falls silent halts, and once a person resumes it begins again with another one', () => {
  const { first, id, world } = haltedBySilence();
  expect(keepers(world)).toHaveLength(4);
  world.operate({ verb: 'resume' });
  expect(world.settle()).toEqual(['cluster-skipped', 'rollout-cancelled', 'withdraw-held']);
  world.accept(id);
  expect(world.run()).toContain('rollout-succeeded');
  expect(keepers(world)).toEqual([]);
  expect(world.state.withdraw).toBeUndefined();
  // Nothing is left to do for it: it has its row.
  const row = world.state.rows.get(uidOf(first));
  world.comeBack(first);
  world.run();
  expect(world.state.rows.get(uidOf(first))).toBe(row);
});

test('a removal goes on without who falls silent after others are proven, and never counts them as proven', () => {
  const world = stableWorld(five);
  const { id } = world.remove();
  world.settle();
  world.accept(id);
  world.settle();
  world.everybodyIsWell();
  world.settle();
  const [silent = '', ...others] = newestWave(world);
  world.goOffline(silent, 0);
  for (const name of others) world.says(name);
  world.nowMs += 600_000 + 300_000;
  expect(world.settle()).toEqual(['tick', 'cluster-failed', 'rollout-halted']);
  world.operate({ verb: 'resume' });
  expect(world.settle()).toEqual(['cluster-skipped', 'wave-passed', 'rollout-succeeded']);
  expect(world.state.history[0]?.counts).toMatchObject({ ready: 4, deferred: 1, failed: 0 });
});

test('a resumed removal halts again while nobody else is here to begin with', () => {
  const { first, world } = haltedBySilence();
  for (const name of five.filter((one) => one !== first)) world.goOffline(name);
  world.operate({ verb: 'resume' });
  expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
});

test('a resumed removal does not leave out who is heard of again', () => {
  const { first, world } = haltedBySilence();
  world.comeBack(first);
  world.says(first);
  world.operate({ verb: 'resume' });
  const kinds = world.run();
  expect(kinds).toEqual(['wave-passed', 'wave-opened', 'wave-passed', 'rollout-succeeded']);
});

test('a release whose canary falls silent halts at each resume: its silence may be what the release did', () => {
  const world = stableWorld(five);
  world.push('two');
  world.settle();
  world.goOffline(newestWave(world)[0] ?? '', 0);
  world.nowMs += 60_000 + 300_000;
  world.settle();
  for (const _ of five) {
    world.operate({ verb: 'resume' });
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
  }
});
