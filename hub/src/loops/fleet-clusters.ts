import type { ClusterName, ClusterUid } from '@flotilla/shared/base';
import type { Cluster, ClusterFacts } from '@flotilla/shared/model';
import { type ClusterView, emptyClusterView, factsOf, type KnownCluster } from '../core/index.ts';

/** What a change of a view was: the cluster before and after. */
export interface ViewChange {
  readonly before: ClusterView;
  readonly after: ClusterView;
  /** What rules may know of the cluster by its own word is something else. */
  readonly hasNewFacts: boolean;
}

/** The registered clusters of a fleet with what is seen of them. */
export class FleetClusters {
  /** With what Cluster documents in Git say. */
  readonly known = new Map<ClusterUid, KnownCluster>();
  /** As their records say. */
  readonly registered = new Map<ClusterUid, Cluster>();
  /** What their agents say of them, for rules. */
  readonly facts = new Map<ClusterUid, ClusterFacts>();
  /** Deleted by a person. */
  readonly removed = new Set<ClusterUid>();
  /** Made when it is asked for, until a registration changes. */
  #uids: ReadonlyMap<ClusterName, ClusterUid> | undefined;

  /** The cluster of a name, of several the one that was registered first; undefined when none is. */
  uidOf(name: ClusterName): ClusterUid | undefined {
    this.#uids ??= new Map(
      [...this.known.values()].reverse().map(({ cluster }) => [cluster.name, cluster.uid]),
    );
    return this.#uids.get(name);
  }

  /** A registration was written, or deleted by a person (undefined). */
  register(uid: ClusterUid, cluster: Cluster | undefined, nowMs: number): void {
    this.#uids = undefined;
    if (cluster === undefined) {
      this.registered.delete(uid);
      this.known.delete(uid);
      this.facts.delete(uid);
      this.removed.add(uid);
      return;
    }
    const known = this.known.get(uid);
    this.registered.set(uid, cluster);
    this.removed.delete(uid);
    this.known.set(uid, {
      cluster: known?.cluster ?? cluster,
      view: known?.view ?? emptyClusterView(nowMs),
    });
  }

  /** Cluster documents were applied; one of a cluster that is not registered is left out. */
  describe(applied: readonly Cluster[], nowMs: number): void {
    this.#uids = undefined;
    for (const cluster of applied) {
      if (!this.registered.has(cluster.uid)) continue;
      const view = this.known.get(cluster.uid)?.view ?? emptyClusterView(nowMs);
      this.known.set(cluster.uid, { cluster, view });
    }
  }

  /** Changes what is seen of a cluster; undefined when it is unknown or nothing changed. */
  changeView(uid: ClusterUid, change: (view: ClusterView) => ClusterView): ViewChange | undefined {
    const known = this.known.get(uid);
    if (!known) return undefined;
    const after = change(known.view);
    if (after === known.view) return undefined;
    this.known.set(uid, { ...known, view: after });
    const facts = this.facts.get(uid);
    const now = factsOf(after, facts);
    if (now !== undefined) this.facts.set(uid, now);
    return { before: known.view, after, hasNewFacts: now !== facts };
  }
}
