import { describe, expect, it } from 'vitest';
import { World } from './rollout-fixture.ts';
import { canaryThenRest, names, uidOf } from './samples-fixture.ts';
import { five, stableWorld } from './stable-world-fixture.ts';

const night = { text: 'window night (allow), which opens 2026-11-24T20:00Z', opensAtMs: 9_000_000 };

describe('the cap on clusters that change at once', () => {
  it('makes a large wave slower, never stuck: its clusters begin as others become Ready', () => {
    const world = stableWorld(names(10));
    world.fleet.caps = { max: 3, perClusterMax: 1 };
    world.push('two');
    world.settle();
    world.everybodyIsWell();
    world.settle();
    // The canary has passed; of the nine of the second wave three begin.
    expect(world.holding('two')).toHaveLength(4);
    expect(world.last.notes[0]).toMatchObject({
      code: 'FleetBudget',
      text: '6 clusters wait for the fleet budget: 3 of at most 3 are changing, at most 1 placements on one cluster',
    });
    const [first = ''] = world.holding('two').filter((name) => !isReady(world, name));
    world.says(first, { state: 'Ready', healthyForMs: 0 });
    expect(world.settle()).toEqual(['clusters-started']);
    expect(world.holding('two')).toHaveLength(5);
    const kinds = world.run();
    expect(world.holding('two')).toHaveLength(10);
    expect(kinds.filter((kind) => kind === 'wave-opened')).toEqual([]);
    expect(kinds.at(-1)).toBe('rollout-succeeded');
  });

  it('is freed by a failure, by silence that counts, and by what superseded', () => {
    const world = stableWorld(five);
    world.fleet.caps = { max: 1, perClusterMax: 1 };
    world.strategy = canaryThenRest(2_000, {
      failure: { ...canaryThenRest().failure, max: half, total: half },
    });
    world.push('two');
    world.settle();
    world.everybodyIsWell();
    world.settle();
    const [, second = ''] = world.holding('two').toSorted((left) => (isReady(world, left) ? -1 : 1));
    world.says(second, { state: 'Stalled', reason: 'ApplyFailed', text: 'no' });
    expect(world.settle()).toContain('clusters-started');
    const third = world.holding('two').find((name) => !isReady(world, name) && name !== second) ?? '';
    const uid = uidOf(third);
    const one = world.clusters.get(uid);
    if (one) one.isFresh = false;
    world.nowMs += 60_000 + 299_000;
    expect(world.settle()).toEqual([]);
    world.nowMs += 2_000;
    expect(world.settle()).toContain('clusters-started');
  });

  it('lets a newer release take the place of what the same placement was doing on a cluster', () => {
    const world = stableWorld(five);
    world.fleet.caps = { max: 1, perClusterMax: 1 };
    world.push('two');
    world.settle();
    const [canary = ''] = world.holding('two');
    world.push('three');
    expect(world.settle()).toEqual(['rollout-planned', 'wave-opened']);
    expect(world.holding('three')).toEqual([canary]);
    expect([...world.fleet.budget.held.keys()]).toEqual([world.state.active?.id]);
  });

  it('is free again of a rollout whose clusters got something else', () => {
    const world = stableWorld(five);
    world.fleet.caps = { max: 1, perClusterMax: 1 };
    world.push('two');
    world.settle();
    const [canary = ''] = world.holding('two');
    world.push('one');
    world.run();
    expect(world.holding('one')).toHaveLength(5);
    world.push('three');
    world.says(canary, { state: 'Progressing' });
    world.settle();
    world.everybodyIsWell();
    world.run();
    expect(world.holding('three')).toHaveLength(5);
  });

  it('does not hold a rollback, which counts all the same', () => {
    const world = stableWorld(names(12));
    world.push('two');
    world.run();
    world.fleet.caps = { max: 1, perClusterMax: 1 };
    expect(world.operate({ verb: 'undo' }).ok).toBe(true);
    world.settle();
    expect(world.state.active?.plan.rolloutKind).toBe('rollback');
    // A third of twelve.
    expect(world.holding('one')).toHaveLength(3);
    expect(world.fleet.budget.changing.size).toBe(3);
    world.run();
    expect(world.holding('one')).toHaveLength(12);
  });

  it('holds what begins while another placement changes the clusters, and says so; then it begins', () => {
    const world = new World(five);
    const other = { placement: 'net' as never, rollout: 'net-1' as never, clusters: five.map(uidOf) };
    world.fleet.caps = { max: 5, perClusterMax: 1 };
    world.fleet.take({ kind: 'budget-changed', takes: other, frees: [], max: 5, perClusterMax: 1 });
    world.push('one');
    expect(world.settle()).toEqual(['rollout-planned']);
    expect(world.last.notes[0]?.code).toBe('FleetBudget');
    world.fleet.isOver = ({ cluster }) => cluster === uidOf('eu-3');
    expect(world.settle()).toEqual([]);
    world.fleet.isOver = () => true;
    expect(world.settle()).toEqual(['wave-opened']);
    expect(world.fleet.budget.held.has('net-1' as never)).toBe(false);
  });

  it('holds everybody while the policy is not known, and a pause holds whoever waits', () => {
    const world = stableWorld(five);
    world.fleet.caps = undefined;
    world.push('two');
    expect(world.settle()).toEqual(['rollout-planned']);
    expect(world.last.notes[0]?.text).toContain('policy is not known');
    world.fleet.caps = { max: 2, perClusterMax: 1 };
    world.settle();
    world.everybodyIsWell();
    world.settle();
    world.operate({ verb: 'pause' });
    world.everybodyIsWell();
    expect(world.settle()).toEqual([]);
    expect(world.last.notes.map(({ code }) => code)).toContain('Paused');
    world.operate({ verb: 'resume' });
    world.run();
    expect(world.holding('two')).toHaveLength(5);
  });
});

describe('a change window', () => {
  it('that is closed for a whole wave keeps it from opening, says until when, and wakes then', () => {
    const world = stableWorld(five);
    for (const name of five) world.fleet.closed.set(name, night);
    world.push('two');
    expect(world.settle()).toEqual(['rollout-planned']);
    expect(world.last).toMatchObject({
      wakeAtMs: night.opensAtMs,
      notes: [{ code: 'WindowClosed', text: `1 cluster waits for ${night.text}` }],
    });
    world.fleet.closed.clear();
    world.run();
    expect(world.holding('two')).toHaveLength(5);
  });

  it('that is closed for some lets the others begin, and the wave waits for those it holds', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    const [canary = ''] = world.holding('two');
    const [held = ''] = five.filter((name) => name !== canary);
    world.fleet.closed.set(held, night);
    world.run();
    expect(world.holding('two')).toEqual(five.filter((name) => name !== held).toSorted());
    expect(world.state.active?.status.kind).toBe('open');
    expect(world.last.notes[0]?.text).toContain('1 cluster waits for window night');
    world.fleet.closed.clear();
    expect(world.run()).toEqual(['clusters-started', 'wave-passed', 'rollout-succeeded']);
  });

  it('lets the newest release begin when it opens, however many were pushed meanwhile', () => {
    const world = stableWorld(five);
    world.fleet.close(five);
    for (const content of ['two', 'three', 'four', 'five', 'six', 'seven']) {
      world.push(content);
      expect(world.settle()).toEqual(['rollout-planned']);
    }
    world.fleet.closed.clear();
    world.settle();
    expect(world.holding('seven')).toHaveLength(1);
  });

  it('never holds a rollback, and never what has begun', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    for (const name of five) world.fleet.closed.set(name, night);
    world.everybodyIsWell();
    expect(world.settle()).toEqual(['wave-passed']);
    expect(world.operate({ verb: 'undo' }).ok).toBe(true);
    world.run();
    expect(world.holding('one')).toHaveLength(5);
  });

  it('holds a cluster that joins, and one that is back, as well', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    const [canary = ''] = world.holding('two');
    const [late = ''] = five.filter((name) => name !== canary);
    world.goOffline(late);
    world.everybodyIsWell();
    world.settle();
    world.comeBack(late);
    world.register('eu-9');
    world.resolve();
    for (const name of [late, 'eu-9']) world.fleet.closed.set(name, night);
    world.settle();
    expect(world.state.rows.has(uidOf('eu-9'))).toBe(false);
    expect(world.state.active?.clusters.get(uidOf(late))?.phase.kind).toBe('deferred');
    expect(world.last.notes.filter(({ code }) => code === 'WindowClosed')).toHaveLength(2);
    expect(world.last.held.get(uidOf('eu-9'))?.text).toBe(`clusters that joined wait for ${night.text}`);
    expect(world.last.wakeAtMs).toBeLessThanOrEqual(night.opensAtMs);
    world.fleet.closed.clear();
    world.run();
    expect(world.holding('two')).toHaveLength(6);
  });
});

const half = { kind: 'percent', percent: 50 } as const;

function isReady(world: World, name: string): boolean {
  const uid = uidOf(name);
  const row = world.state.rows.get(uid);
  const report = world.clusters.get(uid)?.report;
  return report?.state === 'Ready' && report.version.seq === row?.version.seq;
}
