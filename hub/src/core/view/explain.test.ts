import type { ClusterUid, Digest } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { resolvePlacements } from '../placement/index.ts';
import { placementDocument, specFrom } from '../placement/placement-fixture.ts';
import type { World } from '../rollout/rollout-fixture.ts';
import { commitOf, uidOf } from '../rollout/samples-fixture.ts';
import { canaryWorld, five, stableWorld } from '../rollout/stable-world-fixture.ts';
import { explain } from './explain.ts';
import { knownCluster, knownPlacement } from './known-fixture.ts';

/** The world's placement with this rule. */
function ruled(world: World, clusters = '{matchExpressions: [{key: x, operator: DoesNotExist}]}') {
  const spec = specFrom(placementDocument('shop', clusters));
  const running = new Set<ClusterUid>(world.state.rows.keys());
  const all = [...world.clusters.values()].map((one) => one.cluster);
  const [resolved] = resolvePlacements(spec, all, () => ({ running, planned: new Set() })).placements;
  return { ...knownPlacement(world), spec: resolved?.spec, resolved };
}

const [first = ''] = five;

describe('why a placement is on a cluster as it is', () => {
  it('has nothing to say of one that is Ready at what Git asks for', () => {
    const world = stableWorld(five);
    world.says(first);
    expect(explain(ruled(world), knownCluster(world, first))).toMatchObject({
      cluster: first,
      placement: 'shop',
      definedAt: 'fleet.yaml:1',
      isSelected: true,
      exclusions: [],
      wanted: { commit: { id: commitOf(1).id } },
      has: { rollout: 'shop-1', isRemoval: false, commit: { id: commitOf(1).id } },
      state: 'Ready',
      reason: undefined,
      next: `flotilla describe assignment ${first}/shop`,
    });
  });

  it('lists every term that excludes it, and what is left of it there', () => {
    const world = stableWorld(five);
    world.says(first);
    const rule = `{matchLabels: {env: prod, tier: web}, names: [other]}`;
    const explained = explain(ruled(world, rule), knownCluster(world, first));
    expect(explained.isSelected).toBe(false);
    expect(explained.exclusions.map((one) => one.code)).toEqual([
      'LabelDiffers',
      'LabelDiffers',
      'NameNotListed',
    ]);
    expect(explained.reason).toEqual(explained.exclusions[0]);
    expect(explained.has).toMatchObject({ isRemoval: false });
  });

  it('names the command that allows the deletes which its agent holds back, until they are allowed', () => {
    const world = stableWorld(five);
    const listHash = 'a'.repeat(64) as Digest;
    const heldPrune = { listHash, objects: ['ConfigMap shop/a'], total: 1, reason: 'more than allowed' };
    world.says(first, { state: 'Stalled', reason: 'PruneHeld', heldPrune });
    const about = () => explain(ruled(world), knownCluster(world, first));
    expect(about()).toMatchObject({
      state: 'Stalled',
      reason: { code: 'PruneHeld' },
      next: `flotilla rollout approve-prune shop --cluster ${first} --hash aaaaaaaaaaaa`,
    });
    world.operate({ verb: 'approve-prune', cluster: uidOf(first), hash: listHash });
    expect(about()).toMatchObject({
      state: 'Progressing',
      next: expect.not.stringContaining('approve-prune'),
    });
  });

  it('names the wait that the rollout stands at, and the command that ends it', () => {
    const { canary, world } = canaryWorld();
    const other = five.find((name) => name !== canary) ?? '';
    world.says(other);
    const about = () => explain(ruled(world), knownCluster(world, other));
    expect(about()).toMatchObject({
      reason: { code: 'WaitingForWave' },
      next: 'flotilla rollout status shop',
    });
    world.operate({ verb: 'pause' });
    expect(about()).toMatchObject({ reason: { code: 'Paused' }, next: 'flotilla rollout resume shop' });
    world.operate({ verb: 'undo' });
    world.run();
    expect(about()).toMatchObject({
      state: 'Ready',
      wanted: { commit: { id: commitOf(2).id } },
      has: { commit: { id: commitOf(1).id } },
      reason: { code: 'Rejected' },
      next: 'flotilla rollout retry shop',
    });
  });

  it('says Unknown before anything that it cannot know', () => {
    const world = stableWorld(five);
    expect(explain(ruled(world), knownCluster(world, first, { isFresh: false }))).toMatchObject({
      state: 'Unknown',
      reason: { code: 'Disconnected' },
      next: `flotilla describe cluster ${first}`,
    });
  });

  it('tells a rule that nobody looked at yet from one that is gone', () => {
    const world = stableWorld(five);
    world.says(first);
    expect(explain(knownPlacement(world), knownCluster(world, first))).toMatchObject({
      isSelected: undefined,
    });
    world.remove();
    expect(explain(knownPlacement(world), knownCluster(world, first))).toMatchObject({
      isSelected: false,
      definedAt: undefined,
      reason: { code: 'NoRule' },
    });
  });

  it('says what facts alone would change: to whom a person is asked, and what nobody knows at the moment', () => {
    const world = stableWorld(five);
    world.says(first);
    world.kept.set(first, { asks: true });
    const { id } = world.resolve();
    const asked = explain(ruled(world), knownCluster(world, first));
    expect(asked.reason?.text).toContain(`until a person agrees: flotilla source accept control ${id}`);
    expect(asked).toMatchObject({
      isSelected: true,
      reason: { code: 'FactsSayNo' },
      next: 'flotilla describe placement shop',
    });
    world.kept.set(first, { asks: false });
    world.resolve();
    expect(explain(ruled(world), knownCluster(world, first)).reason?.text).toContain(
      'it keeps the placement meanwhile',
    );
  });
});
