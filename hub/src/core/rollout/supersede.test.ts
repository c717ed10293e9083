import { describe, expect, it } from 'vitest';
import { World } from './rollout-fixture.ts';
import { commitOf, names, person, releaseWith, uidOf } from './samples-fixture.ts';
import { canaryWorld, newestWave, stableWorld } from './stable-world-fixture.ts';

const five = names(5);

describe('a newer release', () => {
  it('supersedes one that is in its canary at once, and starts again with a canary', () => {
    const { world } = canaryWorld();
    world.push('three');
    expect(world.settle()).toEqual(['rollout-planned', 'wave-opened']);
    expect(newestWave(world)).toHaveLength(1);
    expect(world.state.history[0]).toMatchObject({ outcome: 'superseded' });
    expect(world.state.stable?.digest).toBe(releaseWith('one', commitOf(0)).digest);
    world.run();
    expect(world.holding('three')).toHaveLength(5);
  });

  it('supersedes a halted one; the cluster that failed goes last and does not halt it again', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    const [broken] = newestWave(world);
    world.says(broken!, { state: 'Degraded' });
    world.settle();
    world.push('three');
    world.settle();
    expect(newestWave(world)).not.toContain(broken);
    expect(world.state.active?.plan.unwell).toEqual([uidOf(broken!)]);
    world.everybodyIsWell();
    world.settle();
    world.everybodyIsWell();
    world.says(broken!, { state: 'Degraded' });
    expect(world.settle()).toEqual(['cluster-failed', 'wave-passed', 'rollout-succeeded']);
  });

  it('never inherits what an older one proved, even with the same content again', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    const [canary] = newestWave(world);
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
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    const [canary] = newestWave(world);
    world.says(canary!, { state: 'Degraded' });
    world.settle();
    world.push('one');
    expect(world.run()).toEqual(['rollout-planned', 'wave-opened', 'wave-passed', 'rollout-succeeded']);
    expect(world.state.history[0]).toMatchObject({ kind: 'rollback' });
    expect(world.state.rows.get(uidOf(canary!))?.mode).toBe('rollback');
    expect(world.holding('one')).toHaveLength(5);
  });

  it('that nobody got yet is cancelled when Git goes back', () => {
    const world = stableWorld(five);
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
    const world = stableWorld(five);
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
    expect(world.settle()).toEqual(['rejection-lifted', 'rollout-planned', 'wave-opened']);
  });
});
