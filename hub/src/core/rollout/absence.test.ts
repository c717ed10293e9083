import { describe, expect, it } from 'vitest';
import { newestWave, stableWorld } from './rollout-fixture.ts';
import { canaryThenRest, names, uidOf } from './samples-fixture.ts';

const five = names(5);

describe('clusters that are away', () => {
  it('are deferred, do not keep the rollout from ending, and catch up when they are back', () => {
    const world = stableWorld(names(10));
    const away = names(10)[3]!;
    world.goOffline(away);
    world.push('two');
    expect(world.run().filter((kind) => kind === 'wave-opened')).toHaveLength(3);
    expect(world.state.active).toBeUndefined();
    expect(world.holding('two')).not.toContain(away);
    world.comeBack(away);
    expect(world.run()).toEqual(['rollout-planned', 'wave-opened', 'wave-passed', 'rollout-succeeded']);
    expect(world.state.history[0]).toMatchObject({ kind: 'catch-up', outcome: 'succeeded' });
    expect(world.holding('two')).toContain(away);
  });

  it('get their row at once when they come back while the rollout runs', () => {
    const world = stableWorld(names(10));
    world.push('two');
    world.settle();
    const away = names(10).find((name) => name !== newestWave(world)[0])!;
    world.goOffline(away);
    world.everybodyIsWell();
    world.settle();
    expect(world.state.active?.clusters.get(uidOf(away))?.phase).toEqual({
      kind: 'deferred',
      reason: 'offline',
    });
    world.comeBack(away);
    expect(world.settle()).toEqual(['clusters-admitted']);
    expect(world.holding('two')).toContain(away);
  });

  it('get nothing when they come back to a rollout that is halted', () => {
    const world = stableWorld(names(10));
    world.push('two');
    world.settle();
    const [canary] = newestWave(world);
    const away = names(10).find((name) => name !== canary)!;
    world.goOffline(away);
    world.everybodyIsWell();
    world.settle();
    world.says(canary!, { state: 'Degraded' });
    world.settle();
    world.comeBack(away);
    expect(world.settle()).toEqual([]);
    expect(world.holding('two')).not.toContain(away);
  });

  it('count as there within the strategy s time of grace', () => {
    const world = stableWorld(five);
    world.goOffline(five[0]!, 1_000);
    world.push('two');
    world.settle();
    expect(world.state.active?.plan.waves.flatMap((wave) => wave.clusters)).toContain(uidOf(five[0]!));
    expect(newestWave(world)).not.toContain(five[0]);
  });

  it('hold the next wave when too many of a wave are away', () => {
    const world = stableWorld(names(10));
    world.strategy = {
      ...canaryThenRest(0),
      stages: canaryThenRest(0).stages.map((stage) =>
        stage.name === 'rest'
          ? { ...stage, waves: { ...stage.waves, max: { kind: 'count', count: 4 } } }
          : stage,
      ),
    };
    world.push('two');
    world.settle();
    for (const uid of world.state.active!.plan.waves[1]!.clusters.slice(0, 2)) {
      world.goOffline(world.clusters.get(uid)!.cluster.name);
    }
    world.run();
    expect(world.last.notes[0]).toMatchObject({ code: 'WaitsForClusters' });
    expect(world.state.active?.status).toMatchObject({ kind: 'open', wave: 1 });
  });

  it('start nothing alone: a release waits until somebody is there', () => {
    const world = stableWorld(five);
    for (const name of five) world.goOffline(name);
    world.push('two');
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]).toMatchObject({ code: 'Offline' });
  });
});
