import { describe, expect, it } from 'vitest';
import type { World } from './rollout-fixture.ts';
import { canaryThenRest, names, person, uidOf } from './samples-fixture.ts';
import { newestWave, stableWorld } from './stable-world-fixture.ts';

const five = names(5);

describe('failures', () => {
  it.each([
    ['Degraded', { state: 'Degraded', reason: 'CrashLoopBackOff' }, 'health'],
    ['Stalled', { state: 'Stalled', reason: 'RenderFailed' }, 'apply'],
    ['a conflict', { state: 'Stalled', reason: 'Conflict' }, 'conflict'],
    ['an object of another placement', { state: 'Stalled', reason: 'OwnedByAssignment' }, 'conflict'],
    ['a check that may not be read', { state: 'Stalled', reason: 'CheckForbidden' }, 'check'],
    ['a check that cannot be made', { state: 'Stalled', reason: 'CheckJobForeign' }, 'check'],
    ['a reason that only begins like a check', { state: 'Stalled', reason: 'Checksum' }, 'apply'],
    ['a passed deadline', { state: 'Progressing', deadlinePassed: true }, 'deadline'],
  ] as const)('%s of the canary halts, and no other cluster is touched', (_, said, failure) => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    const [canary] = newestWave(world);
    world.says(canary!, said);
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
    expect(world.log.at(-2)?.event.payload).toMatchObject({ failure });
    expect(world.holding('two')).toEqual([canary]);
    expect(world.last.notes[0]).toMatchObject({ code: 'Halted' });
  });

  it('a row that the agent refuses has failed', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    const [canary] = newestWave(world);
    const uid = uidOf(canary!);
    const { version } = world.state.rows.get(uid)!;
    const placement = world.state.placement;
    world.clusters.get(uid)!.rejected = { placement, version, code: 'UNSUPPORTED', text: 'render.helm' };
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
    expect(world.log.at(-2)?.event.payload).toMatchObject({ failure: 'rejected' });
  });

  it('a refusal to store is tried again and no failure', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    const uid = uidOf(newestWave(world)[0]!);
    const { version } = world.state.rows.get(uid)!;
    const placement = world.state.placement;
    world.clusters.get(uid)!.rejected = { placement, version, code: 'STORE', text: 'disk full' };
    expect(world.settle()).toEqual([]);
  });

  it('halting is idempotent, and a canary that recovers does not restart by itself', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    const [canary] = newestWave(world);
    world.says(canary!, { state: 'Degraded' });
    world.settle();
    expect(world.settle()).toEqual([]);
    world.says(canary!);
    expect(world.settle()).toEqual([]);
    world.append({
      actor: person,
      evidence: undefined,
      payload: { kind: 'rollout-resumed', rollout: world.state.active!.id },
    });
    expect(world.run()).toEqual(['wave-passed', 'wave-opened', 'wave-passed', 'rollout-succeeded']);
  });

  it('a resumed rollout halts again while the cause is still there', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    world.says(newestWave(world)[0]!, { state: 'Degraded' });
    world.settle();
    world.append({
      actor: person,
      evidence: undefined,
      payload: { kind: 'rollout-resumed', rollout: world.state.active!.id },
    });
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
  });

  it('of the canary halt whatever the budget of the whole plan', () => {
    const world = stableWorld(names(30));
    const total = { kind: 'percent', percent: 50 } as const;
    world.strategy = canaryThenRest(0, { failure: { max: total, total, action: 'halt' } });
    world.push('two');
    world.settle();
    world.says(newestWave(world)[0]!, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
  });

  it('of a whole wave halt even when the budget allows them all: nothing has proven the release', () => {
    const world = stableWorld(five);
    const all = { kind: 'percent', percent: 100 } as const;
    const failure = { max: all, total: all, action: 'halt' } as const;
    const { stages } = canaryThenRest(0);
    world.strategy = canaryThenRest(0, { failure, stages: stages.map((one) => ({ ...one, failure })) });
    world.push('two');
    world.settle();
    world.says(newestWave(world)[0]!, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
    expect(world.last.notes[0]?.text).toContain('none of the 1 clusters');
  });

  it('within the budget of the wave do not halt', () => {
    const world = stableWorld(names(30));
    world.strategy = canaryThenRest(0, {
      failure: {
        max: { kind: 'percent', percent: 10 },
        total: { kind: 'percent', percent: 10 },
        action: 'halt',
      },
    });
    world.push('two');
    world.settle();
    world.everybodyIsWell();
    world.settle();
    world.everybodyIsWell();
    world.says(newestWave(world)[0]!, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed', 'wave-passed', 'rollout-succeeded']);
  });

  it('above the budget of the wave halt, one below it does not', () => {
    const world = stableWorld(names(30));
    const max = { kind: 'count', count: 1 } as const;
    const total = { kind: 'percent', percent: 100 } as const;
    world.strategy = canaryThenRest(0, { failure: { max, total, action: 'halt' } });
    world.push('two');
    world.settle();
    world.everybodyIsWell();
    world.settle();
    const [first, second] = newestWave(world);
    world.says(first!, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed']);
    world.says(second!, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
  });

  it('a cluster that was proven and breaks while the rollout goes on is a regression', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    const [canary] = newestWave(world);
    world.everybodyIsWell();
    world.settle();
    world.says(canary!, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
    expect(world.log.at(-2)?.event.payload).toMatchObject({ failure: 'regression' });
  });
});

describe('silence after the start', () => {
  function silentCanary(): World {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    world.goOffline(newestWave(world)[0]!, 0);
    return world;
  }

  it('counts only after the deadline and five minutes of a healthy hub, by a tick of the log', () => {
    const world = silentCanary();
    world.nowMs += 60_000 + 300_000 - 1;
    expect(world.settle()).toEqual([]);
    expect(world.last.wakeAtMs).toBe(world.nowMs + 1);
    world.nowMs += 1;
    expect(world.settle()).toEqual(['tick', 'cluster-failed', 'rollout-halted']);
    expect(world.log.at(-2)?.event.payload).toMatchObject({ failure: 'lost' });
  });

  it('begins with the last word of the row: who is out of step for a moment, late in a long soak, is not lost', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    const [canary] = newestWave(world);
    world.nowMs += 3_600_000;
    world.says(canary!, { healthyForMs: 0 });
    world.goOffline(canary!, 0);
    expect(world.settle()).toEqual([]);
    world.nowMs += 300_000 - 1;
    expect(world.settle()).toEqual([]);
    world.nowMs += 1;
    expect(world.settle()).toEqual(['tick', 'cluster-failed', 'rollout-halted']);
  });

  it('begins when the stream ends, also where reports still come over the bus: they are never fresh, and the wave waits', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    const [canary] = newestWave(world);
    world.goOffline(canary!, 0);
    for (let minute = 0; minute < 5; minute += 1) {
      world.says(canary!, { healthyForMs: 0 });
      expect(world.settle()).toEqual([]);
      world.nowMs += 60_000;
    }
    world.says(canary!, { healthyForMs: 0 });
    world.nowMs += 60_000;
    expect(world.settle()).toEqual(['tick', 'cluster-failed', 'rollout-halted']);
    expect(world.log.at(-2)?.event.payload).toMatchObject({ failure: 'lost' });
  });

  it('never counts while the hub itself is unwell', () => {
    const world = silentCanary();
    world.hubHealthySinceMs = undefined;
    world.nowMs += 86_400_000;
    expect(world.settle()).toEqual([]);
    world.hubHealthySinceMs = world.nowMs;
    expect(world.settle()).toEqual([]);
    world.nowMs += 300_000;
    expect(world.settle()).toEqual(['tick', 'cluster-failed', 'rollout-halted']);
  });

  it('counts by the log s clock even when something else is decided at the same moment', () => {
    const world = stableWorld(names(30));
    const half = { kind: 'percent', percent: 50 } as const;
    world.strategy = canaryThenRest(0, { failure: { max: half, total: half, action: 'halt' } });
    world.push('two');
    world.settle();
    world.everybodyIsWell();
    world.settle();
    const [silent, broken] = newestWave(world);
    world.everybodyIsWell();
    world.goOffline(silent!, 0);
    world.says(broken!, { state: 'Degraded' });
    world.nowMs += 60_000 + 300_000;
    expect(world.look().map((one) => one.payload.kind)).toEqual(['cluster-failed', 'tick']);
    expect(world.settle()[0]).toBe('cluster-failed');
  });

  it('does not make the hub tick without end when the log s clock lags', () => {
    const world = silentCanary();
    const stamped = world.state.timeMs;
    world.nowMs += 1_000_000;
    const tick = world.look();
    expect(tick.map((one) => one.payload.kind)).toEqual(['tick']);
    world.state = { ...world.state, timeMs: stamped };
    expect(world.look()).toEqual([]);
    expect(world.last.wakeAtMs).toBe(world.nowMs + 10_000);
  });
});
