import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { placementDocument, specFrom } from '../placement/placement-fixture.ts';
import { stableWorld } from '../rollout/stable-world-fixture.ts';
import { knownCluster, knownPlacement } from './known-fixture.ts';
import { overlapOf } from './overlap.ts';
import type { KnownPlacement } from './snapshot.ts';

const three = ['caa', 'cbb', 'ccc'];

interface Other {
  readonly more?: string;
  readonly clusters?: readonly string[];
  readonly path?: string;
}

/** What shop has in common with cart, which is the same apart from this. */
function overlap({ clusters = three, more = '', path = 'apps/shop' }: Other = {}): string | undefined {
  const world = stableWorld(three);
  const known = knownPlacement(world);
  const documentOf = (name: string, extra: string) =>
    placementDocument(name, '{names: [caa]}', extra).replace(
      `apps/${name}`,
      name === 'cart' ? path : 'apps/shop',
    );
  const [cartSpec, shopSpec] = [documentOf('cart', more), documentOf('shop', '')]
    .map((text) => specFrom(text).placements[0])
    .values();
  world.matched = new Set(clusters);
  world.resolve();
  const cart: KnownPlacement = {
    ...known,
    spec: cartSpec,
    state: { ...known.state, placement: 'cart' as PlacementName },
    desired: world.desired,
  };
  const shop: KnownPlacement = { ...known, spec: shopSpec };
  const placements = new Map([cart, shop].map((one) => [one.state.placement, one]));
  const all = new Map<ClusterUid, ReturnType<typeof knownCluster>>();
  for (const name of three) {
    const cluster = knownCluster(world, name);
    all.set(cluster.cluster.uid, cluster);
  }
  return overlapOf({ placements, clusters: all }, shop)?.text;
}

describe('two placements of the same content', () => {
  it('are named with the clusters that they have in common', () => {
    expect(overlap()).toMatch(
      /^cart has the same source, path and render options on caa and 2 more clusters: /,
    );
    expect(overlap({ clusters: ['cbb'] })).toContain('on cbb: each object there goes to one of the two');
  });

  it.each([
    ['on other clusters', { clusters: [] }],
    ['of another path', { path: 'apps/other' }],
    ['of which one takes over from the other', { more: '  takeOverFrom: shop\n' }],
  ])('are no matter %s', (_what, other) => {
    expect(overlap(other)).toBeUndefined();
  });
});
