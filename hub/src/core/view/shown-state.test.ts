import { describe, expect, it } from 'vitest';
import type { World } from '../rollout/rollout-fixture.ts';
import { approvedCanary, uidOf } from '../rollout/samples-fixture.ts';
import { canaryWorld, five, newestWave, stableWorld } from '../rollout/stable-world-fixture.ts';
import { knownCluster, knownPlacement } from './known-fixture.ts';
import { shownState } from './shown-state.ts';

/** State and reason of a cluster, as a line. */
function shown(world: World, name: string): string {
  const found = shownState(knownPlacement(world), knownCluster(world, name));
  return found === undefined
    ? 'nothing'
    : [found.state, found.reason?.code, found.reason?.text].filter(Boolean).join(' ');
}

function waiting(): { readonly world: World; readonly canary: string; readonly other: string } {
  const { canary, world } = canaryWorld();
  return { world, canary, other: five.find((name) => name !== canary) ?? '' };
}

describe('a cluster that a rollout wants to move', () => {
  it('is Pending for its wave, for a pause and for a halt, each with its one reason', () => {
    const { canary, other, world } = waiting();
    expect(shown(world, other)).toBe('Pending WaitingForWave waits for wave 2 of 2 of rollout shop-2');
    world.operate({ verb: 'pause' });
    expect(shown(world, other)).toBe('Pending Paused rollout shop-2 is paused');
    world.says(canary, { state: 'Degraded', reason: 'CrashLoop', text: 'exit 1' });
    world.settle();
    expect(shown(world, other)).toMatch(
      /^Pending Halted rollout shop-2 is halted: 1 of 1 clusters of wave 1/,
    );
  });

  it('is Pending for a person where its stage asks for one', () => {
    const world = stableWorld(five);
    world.strategy = approvedCanary();
    world.push('two');
    world.run();
    const other = five.find((name) => !newestWave(world).includes(name)) ?? '';
    expect(shown(world, other)).toBe(
      'Pending NeedsApproval what comes after stage canary waits for a person: flotilla rollout approve shop',
    );
  });

  it('is Pending for its change window, or for the cap of the fleet, once its wave has come', () => {
    const { canary, world } = waiting();
    const [closed = '', ...others] = five.filter((name) => name !== canary);
    world.fleet.closed.set(closed, { text: 'window night, which opens later', opensAtMs: undefined });
    world.fleet.caps = { max: 1, perClusterMax: 1 };
    world.says(canary);
    world.settle();
    expect(shown(world, closed)).toBe('Pending WindowClosed waits for window night, which opens later');
    expect(others.map((name) => shown(world, name).slice(0, 32)).toSorted()).toEqual([
      'Pending FleetBudget waits for th',
      'Pending FleetBudget waits for th',
      'Progressing Issued the assignmen',
    ]);
  });

  it('is Pending for its change window when it joined while a rollout runs', () => {
    const { world } = waiting();
    world.register('eu-9');
    world.resolve();
    world.fleet.closed.set('eu-9', { text: 'change window night, opens later', opensAtMs: undefined });
    world.settle();
    expect(shown(world, 'eu-9')).toBe(
      'Pending WindowClosed clusters that joined wait for change window night, opens later',
    );
  });

  it('says that a person left it out, and how it follows', () => {
    const { other, world } = waiting();
    world.operate({ verb: 'skip', cluster: uidOf(other) });
    expect(shown(world, other)).toBe(
      'Pending Deferred a person left the cluster out; it follows by: flotilla rollout retry shop',
    );
  });

  it('is Unknown before anything else when nothing fresh is known', () => {
    const { other, world } = waiting();
    const found = shownState(knownPlacement(world), knownCluster(world, other, { isFresh: false }));
    expect(found).toMatchObject({ state: 'Unknown', reason: { code: 'Disconnected' } });
  });
});

describe('a cluster that has its row', () => {
  it('is Progressing until its agent speaks of exactly that row, then what it says', () => {
    const { canary, world } = waiting();
    expect(shown(world, canary)).toMatch(/^Progressing Issued /);
    world.says(canary);
    expect(shown(world, canary)).toBe('Ready');
    world.says(canary, { state: 'Degraded', reason: 'CrashLoop', text: 'exit 1' });
    expect(shown(world, canary)).toBe('Degraded CrashLoop exit 1');
  });

  it('is nothing once its removal is proven', () => {
    const world = stableWorld(five);
    world.matched = new Set(five.slice(1));
    world.edit();
    world.settle();
    const [leaver = ''] = five;
    expect(shown(world, leaver)).toMatch(/^Progressing Issued /);
    world.says(leaver);
    expect(shown(world, leaver)).toBe('nothing');
  });
});
