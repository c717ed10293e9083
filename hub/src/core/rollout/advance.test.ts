import { describe, expect, it } from 'vitest';
import { builtInStrategies } from '../placement/index.ts';
import {
  canaryThenRest,
  commitOf,
  hub,
  names,
  person,
  releaseWith,
  uidOf,
  World,
} from './rollout-fixture.ts';

const five = names(5);

/** A world in which the first release is stable everywhere. */
function stableWorld(clusters: readonly string[] = five): World {
  const world = new World(clusters);
  world.push('one');
  world.run();
  return world;
}

function waveOf(world: World): readonly string[] {
  const opened = world.log.filter((one) => one.event.payload.kind === 'wave-opened').at(-1);
  const payload = opened?.event.payload;
  return payload?.kind === 'wave-opened'
    ? payload.clusters.map((uid) => world.clusters.get(uid)?.cluster.name ?? uid)
    : [];
}

describe('a rollout that goes well', () => {
  it('gives one canary its row, then the rest, then succeeds', () => {
    const world = new World(five);
    world.push('one');
    expect(world.settle()).toEqual(['rollout-planned', 'wave-opened']);
    expect(waveOf(world)).toHaveLength(1);
    world.everybodyIsWell();
    expect(world.settle()).toEqual(['wave-passed', 'wave-opened']);
    expect(waveOf(world)).toHaveLength(4);
    world.everybodyIsWell();
    expect(world.settle()).toEqual(['wave-passed', 'rollout-succeeded']);
    expect(world.state.active).toBeUndefined();
    expect(world.holding('one')).toEqual([...five].sort());
  });

  it('starts nothing when a commit changes nothing of the placement', () => {
    const world = stableWorld();
    world.push('one');
    expect(world.settle()).toEqual([]);
  });

  it('carries actor, expected sequence and evidence in each decision', () => {
    const world = stableWorld();
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
    expect(waveOf(world)).toEqual([five[0]]);
  });

  it('gives every cluster its row at once when the strategy says all-at-once', () => {
    const world = new World(five);
    world.strategy = builtInStrategies.find((one) => one.name === 'all-at-once')!;
    world.push('one');
    world.settle();
    expect(waveOf(world)).toHaveLength(5);
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
    const [canary] = waveOf(world);
    world.says(canary!, { healthyForMs: 1_999 });
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]).toMatchObject({ code: 'Soaking' });
    world.says(canary!, { healthyForMs: 2_000 });
    expect(world.settle()).toEqual(['wave-passed', 'wave-opened']);
  });

  it('do not take a Ready of another version', () => {
    const world = stableWorld();
    world.push('two');
    world.settle();
    const [canary] = waveOf(world);
    world.says(canary!, { version: { epoch: 1, seq: 2 } });
    expect(world.settle()).toEqual([]);
  });

  it('do not take a Ready that is not fresh', () => {
    const world = new World(five);
    world.push('one');
    world.settle();
    const [canary] = waveOf(world);
    world.says(canary!);
    world.clusters.get(uidOf(canary!))!.isFresh = false;
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]?.text).toContain('not heard of yet');
  });
});

describe('failures', () => {
  it.each([
    ['Degraded', { state: 'Degraded', reason: 'CrashLoopBackOff' }, 'health'],
    ['Stalled', { state: 'Stalled', reason: 'RenderFailed' }, 'apply'],
    ['a conflict', { state: 'Stalled', reason: 'Conflict' }, 'conflict'],
    ['a passed deadline', { state: 'Progressing', deadlinePassed: true }, 'deadline'],
  ] as const)('%s of the canary halts, and no other cluster is touched', (_, said, failure) => {
    const world = stableWorld();
    world.push('two');
    world.settle();
    const [canary] = waveOf(world);
    world.says(canary!, said);
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
    expect(world.log.at(-2)?.event.payload).toMatchObject({ failure });
    expect(world.holding('two')).toEqual([canary]);
    expect(world.last.notes[0]).toMatchObject({ code: 'Halted' });
  });

  it('a row that the agent refuses has failed', () => {
    const world = stableWorld();
    world.push('two');
    world.settle();
    const [canary] = waveOf(world);
    const uid = uidOf(canary!);
    const { version } = world.state.rows.get(uid)!;
    const placement = world.state.placement;
    world.clusters.get(uid)!.rejected = { placement, version, code: 'UNSUPPORTED', text: 'render.helm' };
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
    expect(world.log.at(-2)?.event.payload).toMatchObject({ failure: 'rejected' });
  });

  it('a refusal to store is tried again and no failure', () => {
    const world = stableWorld();
    world.push('two');
    world.settle();
    const uid = uidOf(waveOf(world)[0]!);
    const { version } = world.state.rows.get(uid)!;
    const placement = world.state.placement;
    world.clusters.get(uid)!.rejected = { placement, version, code: 'STORE', text: 'disk full' };
    expect(world.settle()).toEqual([]);
  });

  it('halting is idempotent, and a canary that recovers does not restart by itself', () => {
    const world = stableWorld();
    world.push('two');
    world.settle();
    const [canary] = waveOf(world);
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
    const world = stableWorld();
    world.push('two');
    world.settle();
    world.says(waveOf(world)[0]!, { state: 'Degraded' });
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
    world.says(waveOf(world)[0]!, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
  });

  it('of a whole wave halt even when the budget allows them all: nothing has proven the release', () => {
    const world = stableWorld();
    const all = { kind: 'percent', percent: 100 } as const;
    const failure = { max: all, total: all, action: 'halt' } as const;
    const { stages } = canaryThenRest(0);
    world.strategy = canaryThenRest(0, { failure, stages: stages.map((one) => ({ ...one, failure })) });
    world.push('two');
    world.settle();
    world.says(waveOf(world)[0]!, { state: 'Degraded' });
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
    world.says(waveOf(world)[0]!, { state: 'Degraded' });
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
    const [first, second] = waveOf(world);
    world.says(first!, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed']);
    world.says(second!, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
  });

  it('a cluster that was proven and breaks while the rollout goes on is a regression', () => {
    const world = stableWorld();
    world.push('two');
    world.settle();
    const [canary] = waveOf(world);
    world.everybodyIsWell();
    world.settle();
    world.says(canary!, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
    expect(world.log.at(-2)?.event.payload).toMatchObject({ failure: 'regression' });
  });
});

describe('silence after the start', () => {
  function silentCanary(): World {
    const world = stableWorld();
    world.push('two');
    world.settle();
    world.goOffline(waveOf(world)[0]!, 0);
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
    const [silent, broken] = waveOf(world);
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
    const away = names(10).find((name) => name !== waveOf(world)[0])!;
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
    const [canary] = waveOf(world);
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
    const world = stableWorld();
    world.goOffline(five[0]!, 1_000);
    world.push('two');
    world.settle();
    expect(world.state.active?.plan.waves.flatMap((wave) => wave.clusters)).toContain(uidOf(five[0]!));
    expect(waveOf(world)).not.toContain(five[0]);
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
    const world = stableWorld();
    for (const name of five) world.goOffline(name);
    world.push('two');
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]).toMatchObject({ code: 'Offline' });
  });
});

describe('a newer release', () => {
  it('supersedes at once and starts again with a canary', () => {
    const world = stableWorld();
    world.push('two');
    world.settle();
    world.everybodyIsWell();
    world.settle();
    world.push('three');
    expect(world.settle()).toEqual(['rollout-planned', 'wave-opened']);
    expect(waveOf(world)).toHaveLength(1);
    expect(world.state.history[0]).toMatchObject({ outcome: 'superseded' });
    expect(world.state.stable?.digest).toBe(releaseWith('one', commitOf(0)).digest);
    world.run();
    expect(world.holding('three')).toHaveLength(5);
  });

  it('supersedes a halted one; the cluster that failed goes last and does not halt it again', () => {
    const world = stableWorld();
    world.push('two');
    world.settle();
    const [broken] = waveOf(world);
    world.says(broken!, { state: 'Degraded' });
    world.settle();
    world.push('three');
    world.settle();
    expect(waveOf(world)).not.toContain(broken);
    expect(world.state.active?.plan.unwell).toEqual([uidOf(broken!)]);
    world.everybodyIsWell();
    world.settle();
    world.everybodyIsWell();
    world.says(broken!, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed', 'wave-passed', 'rollout-succeeded']);
  });

  it('never inherits what an older one proved, even with the same content again', () => {
    const world = stableWorld();
    world.push('two');
    world.settle();
    const [canary] = waveOf(world);
    world.says(canary!);
    const said = world.clusters.get(uidOf(canary!))!.report;
    world.push('three');
    world.settle();
    world.push('two');
    world.settle();
    world.clusters.get(uidOf(canary!))!.report = said;
    expect(world.settle()).toEqual([]);
    expect(world.holding('two')).toHaveLength(1);
    expect(world.state.active?.status).toMatchObject({ kind: 'open', wave: 0 });
  });

  it('that is the stable one again is a rollback, at once and without gates', () => {
    const world = stableWorld();
    world.push('two');
    world.settle();
    const [canary] = waveOf(world);
    world.says(canary!, { state: 'Degraded' });
    world.settle();
    world.push('one');
    expect(world.run()).toEqual(['rollout-planned', 'wave-opened', 'wave-passed', 'rollout-succeeded']);
    expect(world.state.history[0]).toMatchObject({ kind: 'rollback' });
    expect(world.state.rows.get(uidOf(canary!))?.mode).toBe('rollback');
    expect(world.holding('one')).toHaveLength(5);
  });

  it('that nobody got yet is cancelled when Git goes back', () => {
    const world = stableWorld();
    for (const name of five) world.goOffline(name, 0);
    world.clusters.get(uidOf(five[0]!))!.presence = 'connected';
    world.push('two');
    world.look();
    const planned = world.log.findLastIndex((one) => one.event.payload.kind === 'rollout-planned');
    const half = new World(five);
    for (const one of world.log.slice(0, planned + 1)) half.append(one.event);
    half.push('one');
    expect(half.settle()).toEqual(['rollout-cancelled']);
  });

  it('does not start again what a person aborted', () => {
    const world = stableWorld();
    world.push('two');
    world.settle();
    world.append({
      actor: person,
      evidence: undefined,
      payload: { kind: 'rollout-cancelled', rollout: world.state.active!.id, text: 'not today' },
    });
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]).toMatchObject({ code: 'Aborted' });
    world.push('three');
    expect(world.settle()).toEqual(['rollout-planned', 'wave-opened']);
  });
});

describe('pausing', () => {
  it('stops new waves while evidence and halts still flow', () => {
    const world = stableWorld();
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

describe('an unresolved placement', () => {
  it('starts nothing and removes nothing', () => {
    const world = stableWorld();
    world.matched = new Set();
    world.desired = {
      kind: 'unresolved',
      reasons: [{ code: 'PathMissing', text: 'gone', subject: 'shop' }],
    };
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]).toMatchObject({ code: 'PathMissing' });
  });
});
