import type { Digest } from '@flotilla/shared/base';
import type { HeldPrune } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { rowFor } from '../assign/index.ts';
import type { World } from './rollout-fixture.ts';
import { uidOf } from './samples-fixture.ts';
import { canaryWorld, five, stableWorld, textOf } from './stable-world-fixture.ts';

const hashOf = (digit: string) => digit.repeat(64) as Digest;

function heldList(digit: string, objects: readonly string[]): HeldPrune {
  return { listHash: hashOf(digit), objects, total: objects.length, reason: 'more than prune.maxObjects 1' };
}

const list = heldList('a', ['ConfigMap shop/a', 'ConfigMap shop/b']);

function holds(world: World, name: string, heldPrune = list): void {
  world.says(name, { state: 'Stalled', reason: 'PruneHeld', text: 'waits for permission', heldPrune });
}

function approve(world: World, name: string, hash: string = list.listHash) {
  return world.operate({ verb: 'approve-prune', cluster: uidOf(name), hash });
}

/** The canary holds a list back, and the rollout is halted for it. */
function haltedWorld() {
  const found = canaryWorld();
  holds(found.world, found.canary);
  expect(found.world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
  return found;
}

describe('approve-prune', () => {
  it('makes a row for that cluster alone: the same content, a newer version, and the permission for that list', () => {
    const { world, canary } = haltedWorld();
    const before = world.state.rows;
    const outcome = approve(world, canary, list.listHash.slice(0, 12));
    expect(textOf(outcome)).toBe(`may delete exactly the 2 objects of list aaaaaaaaaaaa on ${canary}`);
    const row = world.state.rows.get(uidOf(canary))!;
    expect(row).toMatchObject({
      target: before.get(uidOf(canary))!.target,
      rollout: 'shop-2',
      version: { seq: world.state.lastSeq },
      cause: { kind: 'decision', event: world.log.at(-1)!.event.id },
      permittedPrune: list.listHash,
    });
    expect(rowFor(world.state, uidOf(canary))).toMatchObject({
      kind: 'assignment',
      permittedPrune: list.listHash,
    });
    for (const [uid, other] of world.state.rows) if (other !== row) expect(other).toBe(before.get(uid));
  });

  it('makes the cluster evidence again: after a resume the rollout goes on', () => {
    const { world, canary } = haltedWorld();
    approve(world, canary);
    expect(world.state.active?.clusters.get(uidOf(canary))?.phase).toEqual({ kind: 'issued' });
    world.operate({ verb: 'resume' });
    expect(world.settle()).toEqual([]);
    expect(world.run()).toContain('rollout-succeeded');
  });

  it('lets the cluster fail again when it holds another list back after that', () => {
    const { world, canary } = haltedWorld();
    approve(world, canary);
    holds(world, canary, heldList('b', ['ConfigMap shop/c']));
    world.settle();
    expect(world.state.active?.clusters.get(uidOf(canary))?.phase).toMatchObject({
      kind: 'failed',
      failure: 'prune-held',
    });
  });

  it('is decided once, however often it is asked', () => {
    const { world, canary } = haltedWorld();
    approve(world, canary);
    const { log } = world;
    const size = log.length;
    expect(approve(world, canary)).toMatchObject({ ok: true, value: { decisions: [], rollout: 'shop-2' } });
    expect(log).toHaveLength(size);
  });

  it('of another list is refused, and says what the list is now', () => {
    const { world, canary } = haltedWorld();
    expect(textOf(approve(world, canary, 'b'.repeat(12)))).toBe(
      'PruneChanged: the list is another one by now: aaaaaaaaaaaa, 2 objects: ConfigMap shop/a, ConfigMap shop/b',
    );
  });

  it('is refused while nothing is known of exactly the row that stands', () => {
    const { world, canary } = haltedWorld();
    world.goOffline(canary);
    expect(textOf(approve(world, canary))).toMatch(/^PruneUnknown: /);
    world.comeBack(canary);
    approve(world, canary);
    // The report that is there speaks of the row before.
    expect(textOf(approve(world, canary, 'b'.repeat(12)))).toMatch(/^PruneUnknown: /);
  });

  it('is refused where nothing is held, nothing was given, or another rollout gave it', () => {
    const { world, canary } = haltedWorld();
    const [other = ''] = five.filter((name) => name !== canary);
    expect(textOf(approve(world, other))).toMatch(/^NothingHeld: /);
    expect(textOf(approve(world, 'stranger'))).toMatch(/^NotTarget: /);
    const older = world.state.history[0]!.id;
    const operation = { verb: 'approve-prune', cluster: uidOf(canary), hash: list.listHash } as const;
    expect(textOf(world.operate(operation, older))).toBe(
      `PruneChanged: what the cluster has came with shop-2, not ${older}`,
    );
  });

  it('is not inherited by the next row', () => {
    const { world, canary } = haltedWorld();
    approve(world, canary);
    world.operate({ verb: 'resume' });
    world.run();
    world.push('three');
    world.run();
    expect(world.state.rows.get(uidOf(canary))).not.toHaveProperty('permittedPrune');
  });

  it('works for a removal too: protected kinds wait for a person there', () => {
    const world = stableWorld(five);
    const [leaver = ''] = five;
    world.matched = new Set(five.slice(1));
    world.accept(world.edit().id);
    world.settle();
    world.says(leaver, { state: 'Removing', heldPrune: list });
    expect(textOf(approve(world, leaver))).toMatch(/^may delete exactly the 2 objects/);
    expect(rowFor(world.state, uidOf(leaver))).toMatchObject({
      kind: 'removal',
      mode: 'prune',
      permittedPrune: list.listHash,
    });
    expect(world.run()).toContain('rollout-succeeded');
  });
});
