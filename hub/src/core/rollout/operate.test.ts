import { describe, expect, it } from 'vitest';
import type { RolloutOperation } from './operate.ts';
import { World } from './rollout-fixture.ts';
import { names, uidOf } from './samples-fixture.ts';
import { canaryWorld, five, newestWave, stableWorld, textOf } from './stable-world-fixture.ts';

describe('pause', () => {
  it('opens no further wave until resume, and then goes on where it stood', () => {
    const { world } = canaryWorld();
    expect(textOf(world.operate({ verb: 'pause' }))).toMatch(/^is paused: /);
    world.everybodyIsWell();
    expect(world.settle()).toEqual(['wave-passed']);
    expect(world.last.notes[0]).toMatchObject({ code: 'Paused' });
    world.operate({ verb: 'resume' });
    expect(world.run()).toEqual(['wave-opened', 'wave-passed', 'rollout-succeeded']);
  });

  it('is for what comes next, too: a push does not end it, nobody joins and nobody returns', () => {
    const { world } = canaryWorld();
    world.everybodyIsWell();
    const [away = ''] = five.filter((name) => !newestWave(world).includes(name));
    world.goOffline(away, 0);
    world.settle();
    world.operate({ verb: 'pause' });
    world.comeBack(away);
    world.register('cnew');
    world.resolve();
    world.everybodyIsWell();
    expect(world.settle().filter((kind) => kind === 'clusters-admitted')).toEqual([]);
    world.push('three');
    world.run();
    expect(world.holding('three')).toEqual([]);
    expect(world.last.notes.map((one) => one.text).join()).toContain('a person paused it');
  });

  it('still sees failures and halts', () => {
    const { world, canary } = canaryWorld();
    world.operate({ verb: 'pause' });
    world.says(canary, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
  });
});

describe('resume', () => {
  it('ends a halt and a pause together; what had failed counts again when it still fails', () => {
    const { world, canary } = canaryWorld();
    world.operate({ verb: 'pause' });
    world.says(canary, { state: 'Degraded' });
    world.settle();
    const outcome = world.operate({ verb: 'resume' });
    expect(outcome.ok && outcome.value.decisions.map((one) => one.kind)).toEqual([
      'rollout-paused',
      'rollout-resumed',
    ]);
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
    world.says(canary);
    world.operate({ verb: 'resume' });
    expect(world.run()).toContain('rollout-succeeded');
  });
});

describe('abort', () => {
  it('gives the stable release to who joins', () => {
    const { world } = canaryWorld();
    world.operate({ verb: 'abort' });
    world.register('cnew');
    world.resolve();
    world.run();
    expect(world.holding('one')).toContain('cnew');
    expect(world.holding('two')).toHaveLength(1);
    expect(world.last.notes[0]).toMatchObject({ code: 'Aborted' });
  });

  it('leaves everything where it is, for joiners and after restarts, until retry', () => {
    const { world, canary } = canaryWorld();
    world.operate({ verb: 'abort' }, undefined, 'not today');
    expect(world.run()).toEqual([]);
    expect(world.last.notes[0]).toMatchObject({
      code: 'Aborted',
      text: expect.stringContaining('not today'),
    });
    expect(world.holding('two')).toEqual([canary]);
    expect(textOf(world.operate({ verb: 'retry' }))).toBe('is tried again');
    world.run();
    expect(world.holding('two')).toHaveLength(5);
  });

  it('is forgotten once Git asks for something else, even when it comes back', () => {
    const { world } = canaryWorld();
    world.operate({ verb: 'abort' });
    world.push('three');
    world.run();
    world.push('two');
    world.run();
    expect(world.holding('two')).toHaveLength(5);
  });
});

describe('promote', () => {
  it('ends the soak of the open wave only, and never passes what is not Ready', () => {
    const { world, canary } = canaryWorld();
    world.says(canary, { healthyForMs: 10 });
    expect(world.settle()).toEqual([]);
    world.operate({ verb: 'promote' });
    expect(world.settle()).toEqual(['wave-passed', 'wave-opened']);
    for (const name of newestWave(world)) world.says(name, { healthyForMs: 10 });
    expect(world.settle()).toEqual([]);
    const second = canaryWorld();
    second.world.operate({ verb: 'promote' });
    second.world.says(second.canary, { state: 'Progressing' });
    expect(second.world.settle()).toEqual([]);
  });
});

describe('skip', () => {
  it('goes on without a cluster that failed, and leaves it alone until retry', () => {
    const { world, canary } = canaryWorld();
    world.says(canary, { state: 'Degraded' });
    world.settle();
    expect(world.operate({ verb: 'skip', cluster: uidOf(canary) }).ok).toBe(true);
    world.operate({ verb: 'resume' });
    world.run();
    expect(world.state.history[0]).toMatchObject({ outcome: 'succeeded' });
  });

  it('of the whole canary lets another cluster go first: nothing is proven by nobody', () => {
    const world = stableWorld(names(30));
    world.push('two');
    world.settle();
    const [canary = ''] = newestWave(world);
    world.operate({ verb: 'skip', cluster: uidOf(canary) });
    expect(world.settle()).toEqual(['rollout-planned', 'wave-opened']);
    expect(newestWave(world)).toHaveLength(1);
    expect(newestWave(world)).not.toContain(canary);
    world.run();
    // It had its row when it was skipped.
    expect(world.holding('two')).toHaveLength(30);
  });

  it('is refused for a cluster that is Ready already, that is no target, and for a removal', () => {
    const { canary, world } = canaryWorld();
    world.register('cnew', { other: 'x' });
    expect(textOf(world.operate({ verb: 'skip', cluster: uidOf('cnew') }))).toMatch(/^NotTarget: /);
    world.everybodyIsWell();
    world.settle();
    expect(textOf(world.operate({ verb: 'skip', cluster: uidOf(canary) }))).toMatch(/^Ready: /);
    const leaving = stableWorld(five);
    leaving.matched = new Set(five.slice(1));
    leaving.edit();
    leaving.settle();
    expect(textOf(leaving.operate({ verb: 'skip', cluster: uidOf(five[0] ?? '') }))).toMatch(/^Withdraw: /);
  });

  it('keeps a cluster that waits on what it has, over the end of the rollout', () => {
    const { world, canary } = canaryWorld();
    const spared = five.find((name) => name !== canary)!;
    world.operate({ verb: 'skip', cluster: uidOf(spared) });
    world.run();
    expect(world.run()).toEqual([]);
    expect(world.holding('one')).toEqual([spared]);
    world.operate({ verb: 'retry' });
    world.run();
    expect(world.holding('two')).toHaveLength(5);
    world.push('three');
    world.run();
    expect(world.holding('three')).toHaveLength(5);
  });
});

describe('whatever is asked', () => {
  const verbs = ['pause', 'resume', 'abort', 'promote', 'undo'] as const;

  it.each(verbs)('%s twice decides once', (verb) => {
    const { world } = canaryWorld();
    world.operate({ verb });
    const again = world.operate({ verb });
    expect(again).toMatchObject({ ok: true, value: { decisions: [] } });
  });

  it.each([...verbs.slice(0, 4), 'skip'] as const)(
    '%s of a rollout that does not run is refused by name',
    (verb) => {
      const { world } = canaryWorld();
      const operation: RolloutOperation = verb === 'skip' ? { verb, cluster: uidOf(five[0]!) } : { verb };
      const older = world.state.history[0]!.id;
      expect(textOf(world.operate(operation, older))).toBe(
        `NotRunning: ${older} does not run; shop-2 runs now`,
      );
    },
  );

  it('is refused for a placement where nothing happens', () => {
    const world = new World(five);
    expect(textOf(world.operate({ verb: 'pause' }))).toBe('NotRunning: no rollout of shop runs');
    expect(textOf(world.operate({ verb: 'retry' }))).toMatch(/^NothingToRetry: /);
  });
});
