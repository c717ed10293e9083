import { type ClusterUid, type PlacementName, sha256Hex } from '@flotilla/shared/base';
import type { Cluster } from '@flotilla/shared/model';
import type { PickSpec } from '../fleet-spec/index.ts';

/** For whom clusters are picked. */
export interface PickFor {
  readonly placement: PlacementName;
  /** Clusters that run it now: they keep it, as long as they are selected and not too many. */
  readonly running: ReadonlySet<ClusterUid>;
}

/**
 * Picks so many clusters: those that run the placement first, so that nothing moves because a cluster joined; then others
 * that are not cordoned, each from the domain that has the fewest so far, in an order of their own for each placement. All
 * of them when there are fewer. Equal for any order of `candidates`; sorted by name, as they are.
 */
export function pickClusters(
  candidates: readonly Cluster[],
  pick: PickSpec,
  { placement, running }: PickFor,
): readonly Cluster[] {
  const taken = new Set(rankedForPick(candidates, pick, { placement, running }).slice(0, pick.count));
  return candidates.filter((one) => taken.has(one));
}

/**
 * Everybody who can be picked, in the order of their turns; a cordoned cluster that does not run the placement has none. The
 * first `pick.count` are picked.
 */
export function rankedForPick(
  candidates: readonly Cluster[],
  pick: PickSpec,
  { placement, running }: PickFor,
): readonly Cluster[] {
  const turns: Cluster[] = [];
  const used = new Map<string, number>();
  const ranked = candidates
    .map((cluster) => ({ cluster, hash: sha256Hex(`pick ${placement} ${cluster.uid}`) }))
    .sort((left, right) => (left.hash < right.hash ? -1 : 1))
    .map((one) => one.cluster);
  const isRunning = ({ uid }: Cluster) => running.has(uid);
  const rounds = [ranked.filter(isRunning), ranked.filter((one) => !isRunning(one) && !one.isCordoned)];
  for (const round of rounds) {
    const domains = Map.groupBy(round, (one) => domainOf(one, pick));
    for (;;) {
      const domain = leastUsed(domains, used);
      const next = domain === undefined ? undefined : domains.get(domain)?.shift();
      if (domain === undefined || next === undefined) break;
      turns.push(next);
      used.set(domain, (used.get(domain) ?? 0) + 1);
    }
  }
  return turns;
}

function domainOf({ labels }: Cluster, { spreadBy }: PickSpec): string {
  return spreadBy === undefined ? '' : (labels[spreadBy] ?? '');
}

/** The domain with somebody left that has the fewest taken; of equal ones the first by name. */
function leastUsed(
  domains: ReadonlyMap<string, readonly Cluster[]>,
  used: ReadonlyMap<string, number>,
): string | undefined {
  let found: string | undefined;
  for (const [domain, left] of domains) {
    if (left.length === 0) continue;
    const order = found === undefined ? -1 : (used.get(domain) ?? 0) - (used.get(found) ?? 0);
    if (found === undefined || order < 0 || (order === 0 && domain < found)) found = domain;
  }
  return found;
}
