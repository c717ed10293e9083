import { describe, expect, it } from 'vitest';
import type { World } from './rollout-fixture.ts';
import { canaryThenRest, names, uidOf } from './samples-fixture.ts';
import { canaryWorld, five, newestWave, stableWorld, textOf } from './stable-world-fixture.ts';

const tenMinutes = 600_000;

/** Five clusters past the canary of `two`, whose second wave is moving; soaks last ten minutes. */
function pastCanary(): World {
  const world = stableWorld(five);
  world.strategy = canaryThenRest(tenMinutes);
  world.push('two');
  world.settle();
  world.everybodyIsWell();
  world.settle();
  expect(world.state.active?.status).toMatchObject({ kind: 'open', wave: 1 });
  return world;
}

function readyFor(world: World, healthyForMs: number): readonly string[] {
  for (const name of five)
    if (world.state.rows.get(uidOf(name))?.rollout === world.state.active?.id)
      world.says(name, { healthyForMs });
  return world.settle();
}

describe('a commit that calls itself urgent', () => {
  it('replaces a rollout that is past its canary, and begins at its own', () => {
    const world = pastCanary();
    world.push('three');
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]?.code).toBe('Queued');
    world.push('three', 'all');
    expect(world.settle()).toEqual(['rollout-planned', 'wave-opened']);
    expect(world.state.active).toMatchObject({ id: 'shop-3', status: { kind: 'open', stage: 0 } });
    expect(newestWave(world)).toHaveLength(1);
    expect(world.state.history[0]).toMatchObject({ id: 'shop-2', outcome: 'superseded' });
  });

  it.each(['queue', 'block', 'supersede', 'auto'] as const)(
    'does so whatever onNewRevision says: %s',
    (rule) => {
      const world = pastCanary();
      world.onNewRevision = rule;
      world.push('three', ['net', 'shop']);
      expect(world.settle()).toContain('rollout-planned');
    },
  );

  it('is about the placements that it names', () => {
    const world = pastCanary();
    world.push('three', ['net']);
    expect(world.settle()).toEqual([]);
  });

  it('waits for a rollback and for who paused what runs', () => {
    const paused = pastCanary();
    paused.operate({ verb: 'pause' });
    paused.push('three', 'all');
    expect(paused.settle()).toEqual([]);
    expect(paused.last.notes[0]?.text).toContain('a person paused it');
    const rolling = pastCanary();
    rolling.operate({ verb: 'undo' });
    rolling.settle();
    rolling.push('three', 'all');
    expect(rolling.settle()).toEqual(['rejection-lifted']);
    expect(rolling.last.notes.map(({ code }) => code)).toContain('Queued');
  });

  it('is not held by windows that exempt it, and by all others', () => {
    const world = stableWorld(five);
    world.fleet.close(five, true);
    world.push('two');
    expect(world.settle()).toEqual(['rollout-planned']);
    world.push('three', 'all');
    expect(world.settle()).toEqual(['rollout-planned', 'wave-opened']);
    world.fleet.close(five, false);
    world.everybodyIsWell();
    expect(world.settle()).toEqual(['wave-passed']);
    expect(world.last.notes[0]?.code).toBe('WindowClosed');
  });

  it('soaks a fifth as long, in the canary and after it', () => {
    const world = stableWorld(five);
    world.strategy = canaryThenRest(tenMinutes);
    world.push('two', 'all');
    world.settle();
    expect(readyFor(world, 119_999)).toEqual([]);
    expect(world.last.notes[0]?.text).toContain('healthy for 1m59s of 2m');
    expect(readyFor(world, 120_000)).toEqual(['wave-passed', 'wave-opened']);
    expect(readyFor(world, 120_000)).toEqual(['wave-passed', 'rollout-succeeded']);
  });

  it('soaks a minute at least, or as long as the stage says where that is less', () => {
    const world = stableWorld(five);
    world.strategy = canaryThenRest(200_000);
    world.push('two', 'all');
    world.settle();
    expect(readyFor(world, 59_999)).toEqual([]);
    expect(readyFor(world, 60_000)).toContain('wave-passed');
    const short = stableWorld(five);
    short.strategy = canaryThenRest(30_000);
    short.push('two', 'all');
    short.settle();
    expect(readyFor(short, 29_999)).toEqual([]);
    expect(readyFor(short, 30_000)).toContain('wave-passed');
  });

  it('is so no more when what it brought is stable: joiners and the left behind wait for windows', () => {
    const world = stableWorld(five);
    world.push('two', 'all');
    world.run();
    world.fleet.close(['eu-9'], true);
    world.register('eu-9');
    world.resolve();
    world.settle();
    expect(world.state.rows.has(uidOf('eu-9'))).toBe(false);
    expect(world.last.notes.map(({ code }) => code)).toEqual(['WindowClosed']);
  });
});

describe('a person who calls it urgent', () => {
  it('lets what waits replace what runs', () => {
    const world = pastCanary();
    world.push('three');
    world.settle();
    expect(textOf(world.operate({ verb: 'urgent' }))).toMatch(
      /^is replaced by the release of commit [0-9a-f]{12}, which is urgent: windows that exempt urgent/,
    );
    expect(world.log.at(-1)?.event.payload).toMatchObject({ kind: 'release-urgent', text: 'looked at it' });
    const { length } = world.log;
    expect(world.operate({ verb: 'urgent' }).ok).toBe(true);
    expect(world.log).toHaveLength(length);
    expect(world.settle()).toEqual(['rollout-planned', 'wave-opened']);
    expect(newestWave(world)).toHaveLength(1);
    expect(textOf(world.operate({ verb: 'urgent' }))).toMatch(/^is urgent: /);
    expect(world.log).toHaveLength(length + 2);
  });

  it('hurries what runs already, where it stands', () => {
    const world = pastCanary();
    expect(readyFor(world, 130_000)).toEqual([]);
    expect(world.operate({ verb: 'urgent' }).ok).toBe(true);
    expect(world.settle()).toEqual(['wave-passed', 'rollout-succeeded']);
    expect(world.state.urgent).toBeUndefined();
  });

  it('lets what a window holds begin, canary first', () => {
    const world = stableWorld(names(12));
    world.fleet.close(names(12), true);
    world.push('two');
    expect(world.settle()).toEqual(['rollout-planned']);
    world.operate({ verb: 'urgent' });
    expect(world.settle()).toEqual(['wave-opened']);
    expect(newestWave(world)).toHaveLength(1);
  });

  it('means one release: the next one is not urgent, nor is a retry of an aborted one', () => {
    const world = pastCanary();
    world.push('three');
    world.operate({ verb: 'urgent' });
    world.settle();
    world.everybodyIsWell();
    world.settle();
    world.push('four');
    expect(world.settle()).toEqual([]);
    world.operate({ verb: 'abort' });
    expect(world.state.urgent).toBeUndefined();
  });

  it.each([
    [
      'gives no reason',
      (world: World) => world.operate({ verb: 'urgent' }, undefined, ' '),
      'ReasonMissing: ',
    ],
    [
      'means a rollout that does not run',
      (world: World) => world.operate({ verb: 'urgent' }, 'shop-1' as never),
      'NotRunning: shop-1 does not run',
    ],
    [
      'means a rollback',
      (world: World) => {
        world.operate({ verb: 'undo' });
        return world.operate({ verb: 'urgent' });
      },
      'NothingUrgent: shop-3 is a rollback: a rollback waits for no window',
    ],
    [
      'cannot know what is asked for',
      (world: World) => {
        world.desired = { kind: 'unresolved', reasons: [] };
        return world.operate({ verb: 'urgent' });
      },
      'NothingUrgent: it is not known now which release Git asks for',
    ],
    [
      'means what is stable',
      (world: World) => {
        world.push('one');
        return world.operate({ verb: 'urgent' });
      },
      'is what is stable already',
    ],
  ] as const)('is refused who %s', (_, ask, expected) => {
    const { world } = canaryWorld();
    const { length } = world.log;
    expect(textOf(ask(world))).toContain(expected);
    expect(world.log.slice(length).map(({ event }) => event.payload.kind)).not.toContain('release-urgent');
  });

  it('is refused where nothing runs', () => {
    expect(textOf(stableWorld(five).operate({ verb: 'urgent' }))).toContain(
      'NotRunning: no rollout of shop runs',
    );
  });
});
