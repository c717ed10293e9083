import { limits } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { builtInStrategies } from '../placement/index.ts';
import { World } from './rollout-fixture.ts';
import { canaryThenRest, hub, names, person, uidOf } from './samples-fixture.ts';
import { newestWave, stableWorld } from './stable-world-fixture.ts';

const five = names(5);

describe('a rollout that goes well', () => {
  it('gives one canary its row, then the rest, then succeeds', () => {
    const world = new World(five);
    world.push('one');
    expect(world.settle()).toEqual(['rollout-planned', 'wave-opened']);
    expect(newestWave(world)).toHaveLength(1);
    world.everybodyIsWell();
    expect(world.settle()).toEqual(['wave-passed', 'wave-opened']);
    expect(newestWave(world)).toHaveLength(4);
    world.everybodyIsWell();
    expect(world.settle()).toEqual(['wave-passed', 'rollout-succeeded']);
    expect(world.state.active).toBeUndefined();
    expect(world.holding('one')).toEqual([...five].sort());
  });

  it('starts nothing when a commit changes nothing of the placement', () => {
    const world = stableWorld(five);
    world.push('one');
    expect(world.settle()).toEqual([]);
  });

  it('carries actor, expected sequence and evidence in each decision', () => {
    const world = stableWorld(five);
    const passed = world.log.filter((one) => one.event.payload.kind === 'wave-passed');
    expect(passed.map((one) => one.event.evidence?.ready)).toEqual([1, 4]);
    expect(Object.keys(passed[1]?.event.evidence?.reports ?? {})).toHaveLength(4);
    expect(world.log.every((one) => one.event.actor === hub)).toBe(true);
    expect(world.log.map((one) => one.event.expectedSeq)).toEqual(world.log.map((one) => one.seq - 1));
  });

  it('takes the cluster labelled as canary first', () => {
    const world = new World(five.slice(1));
    world.register(five[0]!, { 'flotilla.dev/canary': 'true' });
    world.push('one');
    world.settle();
    expect(newestWave(world)).toEqual([five[0]]);
  });

  it('gives every cluster its row at once when the strategy says all-at-once', () => {
    const world = new World(five);
    world.strategy = builtInStrategies.find((one) => one.name === 'all-at-once')!;
    world.push('one');
    world.settle();
    expect(newestWave(world)).toHaveLength(5);
  });

  it('puts the stage s soak into the rows, and leaves the variant digest alone', () => {
    const world = new World(five);
    world.strategy = canaryThenRest(7_000);
    world.push('one');
    world.settle();
    const row = [...world.state.rows.values()][0];
    expect(row?.target).toMatchObject({ kind: 'variant', variant: { health: { soakMs: 7_000 } } });
  });
});

describe('gates', () => {
  it('wait until the canary was healthy for the whole soak', () => {
    const world = new World(five);
    world.push('one');
    world.settle();
    const [canary] = newestWave(world);
    world.says(canary!, { healthyForMs: 1_999 });
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]).toMatchObject({ code: 'Soaking' });
    world.says(canary!, { healthyForMs: 2_000 });
    expect(world.settle()).toEqual(['wave-passed', 'wave-opened']);
  });

  it('do not take a Ready of another version', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    const [canary] = newestWave(world);
    world.says(canary!, { version: { epoch: 1, seq: 2 } });
    expect(world.settle()).toEqual([]);
  });

  it('do not take a Ready that is not fresh', () => {
    const world = new World(five);
    world.push('one');
    world.settle();
    const [canary] = newestWave(world);
    world.says(canary!);
    world.clusters.get(uidOf(canary!))!.isFresh = false;
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]?.text).toContain('not heard of yet');
  });
});

describe('pausing', () => {
  it('stops new waves while evidence and halts still flow', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    const rollout = world.state.active!.id;
    const set = (paused: boolean) =>
      world.append({
        actor: person,
        evidence: undefined,
        payload: { kind: 'rollout-paused', rollout, paused },
      });
    set(true);
    world.everybodyIsWell();
    expect(world.settle()).toEqual(['wave-passed']);
    expect(world.last.notes[0]).toMatchObject({ code: 'Paused' });
    set(false);
    expect(world.run()).toEqual(['wave-opened', 'wave-passed', 'rollout-succeeded']);
  });
});

describe('a plan that the log would refuse', () => {
  it('is said aloud instead of being tried for ever', () => {
    const world = new World(five);
    world.push('one');
    const { desired } = world;
    if (desired.kind !== 'release') throw new Error('not resolved');
    const [digest, variant] = [...desired.variants][0]!;
    const ref = 'x'.repeat(limits.planBytesMax);
    const large = { ...variant, content: { ...variant.content, ref } };
    world.desired = { ...desired, variants: new Map([[digest, large]]) };
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]).toMatchObject({ code: 'PlanTooLarge' });
  });
});

describe('an unresolved placement', () => {
  it('starts nothing and removes nothing', () => {
    const world = stableWorld(five);
    world.matched = new Set();
    world.desired = {
      kind: 'unresolved',
      reasons: [{ code: 'PathMissing', text: 'gone', subject: 'shop' }],
    };
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]).toMatchObject({ code: 'PathMissing' });
  });
});
