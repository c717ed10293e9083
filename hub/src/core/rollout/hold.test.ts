import { describe, expect, it } from 'vitest';
import { commitOf } from './samples-fixture.ts';
import { canaryWorld, five, stableWorld } from './stable-world-fixture.ts';

/** `one` came with the first commit of every world. */
const first = commitOf(1).id.slice(0, 8);
const hold = { release: first, reason: 'incident 812', untilMs: undefined };

describe('a placement that a file holds', () => {
  it('stays at the release of that commit, and who joins gets that', () => {
    const world = stableWorld(five);
    world.hold = hold;
    world.push('two');
    world.register('cnew');
    world.resolve();
    world.run();
    expect(world.holding('one')).toHaveLength(6);
    expect(world.last.notes[0]).toMatchObject({
      code: 'Held',
      text: expect.stringMatching(/^held at [0-9a-f]{8} \(incident 812\); [0-9a-f]{12} waits$/),
    });
    world.hold = undefined;
    world.edit();
    world.run();
    expect(world.holding('two')).toHaveLength(6);
  });

  it('goes back to it from a rollout that runs', () => {
    const { world } = canaryWorld();
    world.hold = hold;
    world.edit();
    world.run();
    expect(world.holding('one')).toHaveLength(5);
    expect(world.state.history[0]).toMatchObject({ kind: 'rollback', outcome: 'succeeded' });
  });

  it('keeps a rollout going whose release it names, whatever comes after it', () => {
    const { world } = canaryWorld();
    world.hold = { ...hold, release: commitOf(2).id };
    world.push('three');
    world.settle();
    expect(world.last.notes.map((one) => one.code)).toContain('Held');
    world.run();
    expect(world.holding('two')).toHaveLength(5);
  });

  it('moves again by itself when its time is over', () => {
    const world = stableWorld(five);
    world.hold = { ...hold, untilMs: world.nowMs + 1_000 };
    world.push('two');
    expect(world.settle()).toEqual([]);
    expect(world.last.wakeAtMs).toBe(world.nowMs + 1_000);
    world.nowMs += 1_000;
    world.run();
    expect(world.holding('two')).toHaveLength(5);
  });

  it('does not move at all for a release that it never had, and says so', () => {
    const world = stableWorld(five);
    world.hold = { ...hold, release: 'abcdef0' };
    world.push('two');
    world.register('cnew');
    world.resolve();
    expect(world.run()).toEqual([]);
    expect(world.last.notes[0]).toMatchObject({
      code: 'HoldUnknown',
      text: expect.stringContaining('abcdef0'),
    });
    expect(world.holding('one')).toHaveLength(5);
  });

  it('is no way to a release that was rolled back', () => {
    const { world } = canaryWorld();
    world.operate({ verb: 'undo' });
    world.run();
    world.hold = { ...hold, release: world.edit().id };
    world.resolve();
    world.run();
    expect(world.holding('one')).toHaveLength(5);
    expect(world.last.notes.map((one) => one.code)).toContain('Rejected');
  });

  it('stops the rollout that runs when it names a release that nobody knows: nothing moves', () => {
    const { world } = canaryWorld();
    world.goOffline(five[4] ?? '', 0);
    world.hold = { ...hold, release: 'abcdef0' };
    world.edit();
    world.run();
    world.comeBack(five[4] ?? '');
    world.run();
    expect(world.holding('two')).toHaveLength(1);
    expect(world.last.notes.map((one) => one.code)).toContain('HoldUnknown');
    world.hold = undefined;
    world.edit();
    world.run();
    expect(world.holding('two')).toHaveLength(5);
  });

  it('that names what was undone leads to the stable release, for who was away and who joins too', () => {
    const { world } = canaryWorld();
    world.hold = { ...hold, release: commitOf(2).id };
    world.push('three');
    world.everybodyIsWell();
    world.settle();
    const [away = ''] = five;
    world.goOffline(away);
    world.operate({ verb: 'undo' });
    world.run();
    world.comeBack(away);
    world.register('cnew');
    world.resolve();
    world.run();
    expect(world.holding('one')).toHaveLength(6);
    expect(world.state.rejected).toBeDefined();
  });
});
