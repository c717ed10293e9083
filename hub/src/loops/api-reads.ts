import type { ClusterName, ClusterUid, PlacementName, RolloutId } from '@flotilla/shared/base';
import { err, limits, ok, type Result } from '@flotilla/shared/base';
import type {
  ApiItems,
  AssignmentItem,
  ClusterItem,
  Described,
  Explanation,
  ItemKind,
  PlacementItem,
  RolloutItem,
} from '@flotilla/shared/model';
import type { ItemsWanted } from '../api-port.ts';
import {
  assignmentItem,
  assignmentItems,
  brokenPlacements,
  clusterItem,
  compareSeverity,
  explain,
  placementItem,
  rolloutItem,
  rolloutItems,
} from '../core/index.ts';
import type { Fleet } from './fleet.ts';

/** Makes items from what the fleet knows at the moment of reading. */
export class ApiReads {
  readonly #fleet: Fleet;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** All items of a kind, in the order that api-port.ts names. */
  items<Kind extends ItemKind>(kind: Kind, of: ItemsWanted): Iterable<ApiItems[Kind]> {
    const readers: { readonly [key in ItemKind]: () => Iterable<ApiItems[key]> } = {
      clusters: () => this.#clusters(of),
      placements: () => this.#placements(of),
      assignments: () => this.#assignments(of),
      rollouts: () => this.#rollouts(of),
    };
    return readers[kind]();
  }

  /** One item by its name. */
  item<Kind extends ItemKind>(kind: Kind, name: string): ApiItems[Kind] | undefined {
    const readers: { readonly [key in ItemKind]: () => ApiItems[key] | undefined } = {
      clusters: () => this.#cluster(name),
      placements: () => this.#placement(name),
      assignments: () => this.#assignment(name),
      rollouts: () => this.#rollout(name),
    };
    return readers[kind]();
  }

  /** One item with what belongs to it. */
  describe<Kind extends ItemKind>(kind: Kind, name: string): Described<ApiItems[Kind]> | undefined {
    const item = this.item(kind, name);
    if (!item) return undefined;
    const all = [...this.#assignmentsOf(kind, item)].sort((a, b) =>
      compareSeverity(a.status.state, b.status.state),
    );
    const assignments = all.slice(0, limits.describeItemsMax);
    return {
      item,
      assignments,
      more: all.length - assignments.length,
      rollouts: kind === 'placements' ? rolloutItems(this.#fleet.snapshot, placementName(name)) : [],
    };
  }

  /** Why a placement is, or is not, on a cluster as it is; fails with what is unknown. */
  explain(cluster: string, placement: string): Result<Explanation, 'cluster' | 'placement'> {
    const { clusters, placements } = this.#fleet.snapshot;
    const uid = this.uidOf(cluster);
    const where = uid === undefined ? undefined : clusters.get(uid);
    if (where === undefined) return err('cluster');
    const known = placements.get(placementName(placement));
    return known === undefined ? err('placement') : ok(explain(known, where));
  }

  /** The cluster of a name; undefined when none is registered under it. */
  uidOf(name: string): ClusterUid | undefined {
    // A text that is no cluster's name finds nothing.
    return this.#fleet.uidOf(name as ClusterName);
  }

  #cluster(name: string): ClusterItem | undefined {
    const uid = this.uidOf(name);
    return uid && clusterItem(this.#fleet.snapshot, uid);
  }

  #placement(name: string): PlacementItem | undefined {
    return placementItem(this.#fleet.snapshot, placementName(name), this.#fleet.outlook);
  }

  #assignment(name: string): AssignmentItem | undefined {
    const [cluster = '', placement = ''] = name.split('/');
    const uid = this.uidOf(cluster);
    return uid && assignmentItem(this.#fleet.snapshot, uid, placementName(placement));
  }

  #rollout(name: string): RolloutItem | undefined {
    // A text that is no rollout's id finds nothing.
    return rolloutItem(this.#fleet.snapshot, name as RolloutId);
  }

  *#clusters(of: ItemsWanted): Iterable<ClusterItem> {
    for (const { name, uid } of this.#clusterNames(of)) {
      if (of.after !== undefined && name <= of.after) continue;
      const item = clusterItem(this.#fleet.snapshot, uid);
      if (item) yield item;
    }
  }

  *#placements(of: ItemsWanted): Iterable<PlacementItem> {
    const { snapshot, outlook } = this.#fleet;
    const names = [...snapshot.placements.keys(), ...brokenPlacements(snapshot, outlook.errors)].sort();
    for (const name of names) {
      if (of.placement !== undefined && name !== of.placement) continue;
      if (of.after !== undefined && name <= of.after) continue;
      const item = this.#placement(name);
      if (item) yield item;
    }
  }

  *#assignments(of: ItemsWanted): Iterable<AssignmentItem> {
    const placement = of.placement === undefined ? {} : { placement: of.placement };
    for (const { name, uid } of this.#clusterNames(of)) {
      if (of.after !== undefined && name < (of.after.split('/')[0] ?? '')) continue;
      for (const item of assignmentItems(this.#fleet.snapshot, { cluster: uid, ...placement })) {
        if (of.after === undefined || isAfter(item, of.after)) yield item;
      }
    }
  }

  *#rollouts(of: ItemsWanted): Iterable<RolloutItem> {
    const names =
      of.placement === undefined ? [...this.#fleet.snapshot.placements.keys()].sort() : [of.placement];
    for (const name of names) {
      const items = [...rolloutItems(this.#fleet.snapshot, name)].sort((a, b) => numberOf(a) - numberOf(b));
      for (const item of items) if (of.after === undefined || isRolloutAfter(item, of.after)) yield item;
    }
  }

  #clusterNames(of: ItemsWanted): readonly { readonly name: ClusterName; readonly uid: ClusterUid }[] {
    const names = [...this.#fleet.snapshot.clusters.values()].map(({ cluster }) => cluster);
    const wanted = of.cluster === undefined ? names : names.filter((one) => one.name === of.cluster);
    return wanted.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #assignmentsOf(kind: ItemKind, item: ApiItems[ItemKind]): readonly AssignmentItem[] {
    const { snapshot } = this.#fleet;
    if (kind === 'clusters') {
      const cluster = this.uidOf(item.metadata.name);
      return cluster === undefined ? [] : assignmentItems(snapshot, { cluster });
    }
    if (kind === 'placements')
      return assignmentItems(snapshot, { placement: placementName(item.metadata.name) });
    if (item.kind !== 'Rollout') return [];
    const all = assignmentItems(snapshot, { placement: item.spec.placement });
    const members = snapshot.placements.get(item.spec.placement)?.state.active;
    if (members?.id !== item.metadata.name)
      return all.filter((one) => one.spec.rollout === item.metadata.name);
    return all.filter((one) => members.clusters.has(one.spec.clusterUid));
  }
}

/** A text that is no placement's name finds nothing. */
function placementName(text: string): PlacementName {
  return text as PlacementName;
}

/** By cluster, then placement: `a-b/x` follows `a/x`, though `-` sorts before `/`. */
function isAfter(item: AssignmentItem, after: string): boolean {
  const [cluster = '', placement = ''] = after.split('/');
  if (item.spec.cluster !== cluster) return item.spec.cluster > cluster;
  return item.spec.placement > placement;
}

function isRolloutAfter(item: RolloutItem, after: string): boolean {
  const placement = after.slice(0, after.lastIndexOf('-'));
  if (item.spec.placement !== placement) return item.spec.placement > placement;
  return numberOf(item) > Number(after.slice(after.lastIndexOf('-') + 1));
}

function numberOf(item: RolloutItem): number {
  return Number(item.metadata.name.slice(item.metadata.name.lastIndexOf('-') + 1));
}
