import { describe, expect, it } from 'vitest';
import type { RolloutOperation } from './operate.ts';
import { World } from './rollout-fixture.ts';
import { canaryThenRest, commitOf, names, releaseWith, uidOf } from './samples-fixture.ts';
import { newestWave, stableWorld } from './stable-world-fixture.ts';

const five = names(5);

/** Five clusters on `one`, and `two` in its canary. */
function inCanary(): { readonly world: World; readonly canary: string } {
  const world = stableWorld(five);
  world.push('two');
  world.settle();
  const [canary] = newestWave(world);
  return { world, canary: canary! };
}

function textOf(outcome: ReturnType<World['operate']>): string {
  return outcome.ok ? outcome.value.text : `${outcome.error.code}: ${outcome.error.text}`;
}

describe('pause', () => {
  it('opens no further wave until resume, and then goes on where it stood', () => {
    const { world } = inCanary();
    expect(textOf(world.operate({ verb: 'pause' }))).toMatch(/^is paused: /);
    world.everybodyIsWell();
    expect(world.settle()).toEqual(['wave-passed']);
    expect(world.last.notes[0]).toMatchObject({ code: 'Paused' });
    world.operate({ verb: 'resume' });
    expect(world.run()).toEqual(['wave-opened', 'wave-passed', 'rollout-succeeded']);
  });

  it('still sees failures and halts', () => {
    const { world, canary } = inCanary();
    world.operate({ verb: 'pause' });
    world.says(canary, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
  });
});

describe('resume', () => {
  it('ends a halt and a pause together; what had failed counts again when it still fails', () => {
    const { world, canary } = inCanary();
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
  it('leaves everything where it is, for joiners and after restarts, until retry', () => {
    const { world, canary } = inCanary();
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
    const { world } = inCanary();
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
    const { world, canary } = inCanary();
    world.says(canary, { healthyForMs: 10 });
    expect(world.settle()).toEqual([]);
    world.operate({ verb: 'promote' });
    expect(world.settle()).toEqual(['wave-passed', 'wave-opened']);
    for (const name of newestWave(world)) world.says(name, { healthyForMs: 10 });
    expect(world.settle()).toEqual([]);
    const second = inCanary();
    second.world.operate({ verb: 'promote' });
    second.world.says(second.canary, { state: 'Progressing' });
    expect(second.world.settle()).toEqual([]);
  });
});

describe('undo', () => {
  it('takes a running rollout back to stable, and its release stays rejected', () => {
    const { world, canary } = inCanary();
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
    const { world } = inCanary();
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
    const { world } = inCanary();
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
    const { world } = inCanary();
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
    const { world } = inCanary();
    world.operate({ verb: 'undo' });
    world.push('three');
    expect(world.settle()).toEqual(['rejection-lifted', 'rollout-planned', 'wave-opened']);
    world.run();
    world.push('two');
    world.run();
    expect(world.holding('two')).toHaveLength(5);
  });

  it('is over by retry, also before it ended', () => {
    const { world } = inCanary();
    world.operate({ verb: 'undo' });
    world.settle();
    world.operate({ verb: 'retry' });
    world.run();
    expect(world.holding('two')).toHaveLength(5);
  });

  it('of an aborted rollout takes back what it had given', () => {
    const { world } = inCanary();
    world.operate({ verb: 'abort' });
    expect(world.operate({ verb: 'undo' }).ok).toBe(true);
    world.run();
    expect(world.holding('one')).toHaveLength(5);
  });

  it('that is itself aborted stands still, and its release stays rejected', () => {
    const { world } = inCanary();
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
    const { world } = inCanary();
    expect(textOf(world.operate({ verb: 'undo' }, world.state.history[0]!.id))).toMatch(
      /^NotTheLast: shop-1 .* shop-2/,
    );
    world.remove();
    expect(textOf(world.operate({ verb: 'undo' }))).toMatch(/^Absent: /);
  });
});

describe('skip', () => {
  it('goes on without a cluster that failed, and leaves it alone until retry', () => {
    const { world, canary } = inCanary();
    world.says(canary, { state: 'Degraded' });
    world.settle();
    expect(world.operate({ verb: 'skip', cluster: uidOf(canary) }).ok).toBe(true);
    world.operate({ verb: 'resume' });
    world.run();
    expect(world.state.history[0]).toMatchObject({ outcome: 'succeeded' });
  });

  it('keeps a cluster that waits on what it has, over the end of the rollout', () => {
    const { world, canary } = inCanary();
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

describe('whatever is asked', () => {
  const verbs = ['pause', 'resume', 'abort', 'promote', 'undo'] as const;

  it.each(verbs)('%s twice decides once', (verb) => {
    const { world } = inCanary();
    world.operate({ verb });
    const again = world.operate({ verb });
    expect(again).toMatchObject({ ok: true, value: { decisions: [] } });
  });

  it.each([...verbs.slice(0, 4), 'skip'] as const)(
    '%s of a rollout that does not run is refused by name',
    (verb) => {
      const { world } = inCanary();
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
    expect(releaseWith('one', commitOf(0)).digest).not.toBe('');
  });
});
