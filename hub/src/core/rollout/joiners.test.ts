import { describe, expect, it } from 'vitest';
import { World } from './rollout-fixture.ts';
import { approvedCanary, canaryThenRest, names, uidOf } from './samples-fixture.ts';
import { stableWorld } from './stable-world-fixture.ts';

const twenty = names(20);

describe('clusters that join', () => {
  it('get the stable release at once, without a soak', () => {
    const world = stableWorld(twenty);
    world.register('newcomer');
    world.resolve();
    expect(world.settle()).toEqual(['rollout-planned', 'wave-opened']);
    world.says('newcomer', { healthyForMs: 0 });
    expect(world.settle()).toEqual(['wave-passed', 'rollout-succeeded']);
    expect(world.state.history[0]).toMatchObject({ kind: 'expand' });
  });

  it('in a number above the policy go the placement s own way, canary first', () => {
    const world = stableWorld(twenty);
    const many = ['na', 'nb', 'nc', 'nd'];
    for (const name of many) world.register(name);
    world.resolve();
    world.settle();
    expect(world.state.active?.plan).toMatchObject({ rolloutKind: 'expand' });
    expect(world.state.active?.plan.waves.map((wave) => wave.clusters.length)).toEqual([1, 3]);
  });

  it('while a rollout runs get the stable release, and the candidate when it has ended', () => {
    const world = stableWorld(twenty);
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
    const world = stableWorld(twenty);
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
      const world = stableWorld(twenty);
      world.push('two');
      world.settle();
      expect(joinsAt(world)).toEqual(['here', '']);
    });

    it('get the candidate once it is', () => {
      const world = stableWorld(twenty);
      world.push('two');
      world.settle();
      world.everybodyIsWell();
      world.settle();
      expect(joinsAt(world)).toEqual(['', 'here']);
    });

    it('get the stable release when the rollout halted after it', () => {
      const world = stableWorld(twenty);
      world.push('two');
      world.settle();
      world.everybodyIsWell();
      world.settle();
      world.says(world.holding('two')[0]!, { state: 'Degraded' });
      world.settle();
      expect(joinsAt(world)).toEqual(['here', '']);
    });
  });

  it('come with their stage when nothing is stable yet', () => {
    const world = new World(names(3));
    world.push('one');
    world.settle();
    world.register('newcomer');
    world.resolve();
    expect(world.settle()).toEqual([]);
    expect(world.last.notes).toContainEqual({
      code: 'JoinersWait',
      text: 'nothing is stable yet, so what joined comes with its stage of shop-1: 1 cluster',
      subject: 'shop',
    });
    world.everybodyIsWell();
    expect(world.settle()).toEqual(['wave-passed', 'wave-opened', 'clusters-admitted']);
    expect(world.holding('one')).toContain('newcomer');
  });

  it('do not count in the rollout that runs: their failure does not halt it', () => {
    const world = stableWorld(twenty);
    world.push('two');
    world.settle();
    world.register('newcomer');
    world.resolve();
    world.settle();
    world.says('newcomer', { state: 'Degraded' });
    expect(world.settle()).toEqual([]);
    expect(world.state.active?.status.kind).toBe('open');
  });

  it('with the candidate do not count in its percentages, but in an absolute budget', () => {
    for (const [total, expected] of [
      [{ kind: 'percent', percent: 0 }, ['cluster-failed']],
      [{ kind: 'count', count: 0 }, ['cluster-failed', 'rollout-halted']],
    ] as const) {
      const world = new World(names(3));
      const failure = { max: { kind: 'percent', percent: 100 }, total, action: 'halt' } as const;
      world.strategy = canaryThenRest(0, { failure });
      world.push('one');
      world.settle();
      world.everybodyIsWell();
      world.settle();
      world.register('newcomer');
      world.resolve();
      world.settle();
      world.says('newcomer', { state: 'Degraded' });
      expect(world.settle()).toEqual(expected);
    }
  });

  describe('with the candidate, and fall silent,', () => {
    function silentNewcomer(): World {
      const world = stableWorld(twenty);
      world.strategy = approvedCanary();
      world.push('two');
      world.run();
      world.register('newcomer', { 'flotilla.dev/canary': 'true' });
      world.resolve();
      world.settle();
      world.goOffline('newcomer', 0);
      return world;
    }

    it('I16: have failed after the deadline and five minutes, also while the rollout waits for a person', () => {
      const world = silentNewcomer();
      expect(world.holding('two')).toContain('newcomer');
      expect(world.settle()).toEqual([]);
      expect(world.last.wakeAtMs).toBe(world.nowMs + 60_000 + 300_000);
      world.nowMs += 60_000 + 300_000;
      expect(world.settle()).toEqual(['tick', 'cluster-failed']);
      expect(world.log.at(-1)?.event.payload).toMatchObject({
        cluster: uidOf('newcomer'),
        failure: 'lost',
      });
      expect(world.last.notes[0]?.code).toBe('NeedsApproval');
    });

    it('I16: are not waited for by the next ones to join', () => {
      const world = silentNewcomer();
      world.register('next', { 'flotilla.dev/canary': 'true' });
      world.resolve();
      expect(world.settle()).toEqual([]);
      expect(world.last.notes.map((one) => one.code)).toContain('JoinersWait');
      world.nowMs += 60_000 + 300_000;
      expect(world.settle()).toEqual(['tick', 'cluster-failed', 'clusters-admitted']);
      expect(world.holding('two')).toContain('next');
    });
  });

  it('I16: with the stable release, and fall silent, are not waited for by the next ones to join', () => {
    const world = stableWorld(twenty);
    world.strategy = approvedCanary();
    world.push('two');
    world.run();
    for (const name of ['newcomer', 'next']) {
      world.register(name);
      world.resolve();
      world.settle();
      if (name === 'newcomer') world.goOffline(name, 0);
    }
    expect(world.state.rows.has(uidOf('next'))).toBe(false);
    world.nowMs = world.last.wakeAtMs ?? world.nowMs;
    world.settle();
    expect(world.holding('one')).toContain('next');
  });

  it('but are not there are in no plan: a first row cannot be waited for', () => {
    const world = stableWorld(twenty);
    world.register('newcomer');
    world.clusters.get(uidOf('newcomer'))!.presence = 'never';
    world.push('two');
    world.settle();
    expect(Object.keys(world.state.active?.plan.targets ?? {})).toHaveLength(20);
  });

  it('that never connected are no targets', () => {
    const world = stableWorld(twenty);
    world.register('newcomer');
    world.clusters.get(uidOf('newcomer'))!.presence = 'never';
    world.resolve();
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]).toMatchObject({ code: 'Offline' });
  });
});
