import type { Chance } from './chance.ts';
import { contents, newRevisions, type PlacementWish, type Scope, strategies, type Wish } from './wish.ts';

/** Names that clusters of a simulated fleet may have. */
export const clusterNames = ['c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'd2', 'd3'] as const;

/** The labels of a cluster, the same in every world. */
export function labelsOf(name: string): { readonly [key: string]: string } {
  const index = (clusterNames as readonly string[]).indexOf(name);
  return {
    env: 'prod',
    region: index % 2 === 0 ? 'eu' : 'us',
    ...(index === 1 ? { tier: 'pilot' } : {}),
  };
}

/** A placement as somebody could write it. */
export function drawPlacement(chance: Chance): PlacementWish {
  return {
    content: chance.of(contents.slice(0, 5)),
    scope: chance.is(0.75) ? 'prod' : chance.of<Scope>(['eu', 'us', 'not-c2']),
    strategy: chance.is(0.5) ? 'quick' : chance.of(strategies),
    onNewRevision: chance.is(0.6) ? 'auto' : chance.of(newRevisions),
    dependsOnNet: chance.is(0.2),
    isBroken: false,
  };
}

/** How much may change at once. */
export function drawPolicy(chance: Chance): Pick<Wish, 'maxChangingPercent' | 'maxChangingPerCluster'> {
  return { maxChangingPercent: chance.of([34, 50, 100]), maxChangingPerCluster: chance.of([1, 2]) };
}

/** What a fleet begins with. */
export function drawWish(chance: Chance): Wish {
  const net = chance.is(0.4) ? { net: drawPlacement(chance) } : {};
  const shop = drawPlacement(chance);
  return {
    placements: { ...net, shop: { ...shop, dependsOnNet: shop.dependsOnNet && 'net' in net } },
    ...drawPolicy(chance),
    frozen: chance.is(0.2) ? chance.of<Scope>(['prod', 'eu', 'us']) : undefined,
    note: 'a fleet',
  };
}
