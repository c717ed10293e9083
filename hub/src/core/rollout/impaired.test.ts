import { describe, expect, it } from 'vitest';
import { impairedLookMs } from './impaired.ts';
import { canaryWorld, five, newestWave, stableWorld } from './stable-world-fixture.ts';

describe('while the hub is impaired', () => {
  it('no wave opens, with the one reason why, and it opens when that is over', () => {
    const { world } = canaryWorld();
    world.hubHealthySinceMs = undefined;
    world.everybodyIsWell();
    expect(world.settle()).toEqual(['wave-passed']);
    expect(world.last.notes.map(({ code }) => code)).toEqual(['HubImpaired']);
    expect(world.last.wakeAtMs).toBe(world.nowMs + impairedLookMs);
    world.nowMs += impairedLookMs;
    world.hubHealthySinceMs = world.nowMs;
    expect(world.settle()).toEqual(['wave-opened']);
  });

  it('nothing is planned: the clusters that are gone would come last, canaries too', () => {
    const world = stableWorld([]);
    const [away = ''] = five;
    for (const name of five) world.register(name, name === away ? { 'flotilla.dev/canary': 'true' } : {});
    world.push('one');
    world.run();
    world.hubHealthySinceMs = undefined;
    world.goOffline(away);
    world.push('two');
    expect(world.settle()).toEqual([]);
    expect(world.last.notes).toMatchObject([{ code: 'HubImpaired', subject: 'shop' }]);
    world.comeBack(away);
    world.hubHealthySinceMs = world.nowMs;
    world.settle();
    expect(newestWave(world)).toEqual([away]);
  });

  it('nobody who joined or came back is given anything, and no removal begins', () => {
    const { world, canary } = canaryWorld();
    world.hubHealthySinceMs = undefined;
    world.register('newcomer');
    world.resolve();
    expect(world.settle()).toEqual([]);
    world.says(canary, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
    const { id } = world.remove();
    world.settle();
    world.accept(id);
    world.settle();
    expect(world.state.withdraw?.status.kind).toBe('planned');
    expect(world.last.notes[0]).toMatchObject({ code: 'HubImpaired' });
  });

  it('a rollback goes on: it may be what brings them back', () => {
    const { world, canary } = canaryWorld();
    world.says(canary, { state: 'Degraded' });
    world.settle();
    world.hubHealthySinceMs = undefined;
    world.operate({ verb: 'undo' });
    expect(world.settle()).toContain('wave-opened');
    expect(world.holding('one')).toContain(canary);
  });
});
