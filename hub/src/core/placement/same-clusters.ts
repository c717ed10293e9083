import type { Cluster } from '@flotilla/shared/model';

/**
 * Documents are applied to clusters, and facts put to them, anew each time: what they are made of says whether they are the
 * same. Those that are stay the same objects, and the list of them the same list.
 */
export function sameClusters(before: readonly Cluster[], after: readonly Cluster[]): readonly Cluster[] {
  const earlier = new Map(before.map((one) => [one.uid, one]));
  const kept = after.map((one) => {
    const same = earlier.get(one.uid);
    return same !== undefined && (same === one || isSameCluster(same, one, membersOf)) ? same : one;
  });
  return isSameList(before, kept) ? before : kept;
}

/** Whether clusters differ in nothing but what they say of themselves. */
export function areSameButFacts(before: readonly Cluster[], after: readonly Cluster[]): boolean {
  const others = (one: Cluster) => membersOf(one).filter((key) => key !== 'facts');
  return (
    before.length === after.length &&
    before.every((one, index) => {
      const other = after[index];
      return other !== undefined && (one === other || isSameCluster(one, other, others));
    })
  );
}

function isSameCluster(
  left: Cluster,
  right: Cluster,
  keysOf: (cluster: Cluster) => readonly (keyof Cluster)[],
): boolean {
  return [...keysOf(left), ...keysOf(right)].every((key) => left[key] === right[key]);
}

function membersOf(cluster: Cluster): readonly (keyof Cluster)[] {
  // An object literal of this type: every key is a member of it.
  return Object.keys(cluster) as (keyof Cluster)[];
}

/** The same members in the same order. */
export function isSameList(before: readonly unknown[], after: readonly unknown[]): boolean {
  return before.length === after.length && before.every((one, index) => one === after[index]);
}
