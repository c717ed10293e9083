import { type ClusterUid, limits } from '@flotilla/shared/base';
import type { ClusterNames } from '@flotilla/shared/model';

/** The name of a cluster. */
export type NameOf = (uid: ClusterUid) => string;

/** Names of clusters in order, the first of them only. */
export function clusterNames(uids: Iterable<ClusterUid>, nameOf: NameOf): ClusterNames {
  const names = [...uids].map(nameOf).sort();
  return { count: names.length, names: names.slice(0, limits.planNamesMax) };
}
