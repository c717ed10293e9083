import { describe, expect, it } from 'vitest';
import { names, uidOf } from '../rollout/samples-fixture.ts';
import { stableWorld } from '../rollout/stable-world-fixture.ts';
import { clustersChanged, rowFor } from './rows.ts';

describe('rows', () => {
  it('carry the version of the event that made them, its hash and its commit', () => {
    const world = stableWorld(names(20));
    const opened = world.log.find((one) => one.event.payload.kind === 'wave-opened')!;
    const uid = opened.event.payload.kind === 'wave-opened' ? opened.event.payload.clusters[0]! : uidOf('');
    expect(rowFor(world.state, uid)).toMatchObject({
      kind: 'assignment',
      placement: 'shop',
      version: { epoch: 1, seq: opened.seq },
      eventHash: opened.hash,
      mode: 'update',
      rollout: 'shop-1',
      suspension: undefined,
      permittedPrune: undefined,
    });
  });

  it('carry the age of the placement: where in the log it gave its first row', () => {
    const world = stableWorld(names(20));
    const first = world.log.find((one) => one.event.payload.kind === 'wave-opened')!.seq;
    world.push('two');
    world.run();
    for (const name of names(20)) {
      const row = rowFor(world.state, uidOf(name));
      expect(row).toMatchObject({ placementAgeSeq: first });
      expect(row?.version.seq).toBeGreaterThan(first);
    }
  });

  it('of a removal stay as tombstones', () => {
    const world = stableWorld(names(20));
    const gone = names(20)[0]!;
    world.matched = new Set(names(20).slice(1));
    const commit = world.edit();
    world.run();
    expect(rowFor(world.state, uidOf(gone))).toMatchObject({
      kind: 'removal',
      mode: 'prune',
      cause: { kind: 'commit', commit: commit.id },
    });
  });

  it('of a cluster that was never told anything are none', () => {
    expect(rowFor(stableWorld(names(20)).state, uidOf('stranger'))).toBeUndefined();
  });
});

describe('clustersChanged', () => {
  it('names the clusters whose row is another, and none when no row was made', () => {
    const world = stableWorld(names(20));
    const before = world.state;
    world.push('two');
    world.look();
    const opened = world.log.at(-1)!.event.payload;
    expect(clustersChanged(before, world.state)).toEqual(opened.kind === 'wave-opened' && opened.clusters);
    expect(clustersChanged(world.state, world.state)).toEqual([]);
    expect(clustersChanged(undefined, before)).toHaveLength(20);
  });

  it('names a cluster that was forgotten', () => {
    const world = stableWorld(names(20));
    const before = world.state;
    world.removed.add(uidOf(names(20)[3]!));
    world.look();
    expect(clustersChanged(before, world.state)).toEqual([uidOf(names(20)[3]!)]);
  });
});
