import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import type { PlacementDecision } from '@flotilla/shared/model';
import { clustersChanged, foldRollout, type KnownPlacement, type RolloutState } from '../core/index.ts';
import type { StoredDecision } from '../ports.ts';
import { placementNameOf, unknownPlacement } from './fleet-state.ts';
import { RowIndex } from './row-index.ts';

/** The placements of a fleet: their rules, their logs, and on which clusters they have rows. */
export class FleetPlacements {
  readonly known = new Map<PlacementName, KnownPlacement>();
  readonly #rows = new RowIndex();

  /** What is known of one; an empty state for an unknown one. */
  of(name: PlacementName): KnownPlacement {
    return this.known.get(name) ?? unknownPlacement(name);
  }

  /** Takes what is new of one. */
  set(name: PlacementName, news: Partial<KnownPlacement>): void {
    this.known.set(name, { ...this.of(name), ...news });
  }

  /** States of those that have a row on a cluster, in no order. */
  statesOn(cluster: ClusterUid): readonly RolloutState[] {
    const names = this.#rows.on(cluster, () => [...this.known.values()].map(({ state }) => state));
    return [...names].map((name) => this.of(name).state);
  }

  /** Whether any placement has a row on a cluster. */
  hasRows(cluster: ClusterUid): boolean {
    return this.#rows.on(cluster, () => [...this.known.values()].map(({ state }) => state)).size > 0;
  }

  /** Takes one event of a placement's log; returns how to find out whose rows it changed, which costs. */
  fold(stored: StoredDecision, payload: PlacementDecision, epoch: number): PlacementChange {
    const name = placementNameOf(stored.subject);
    const before = this.of(name).state;
    const { event, hash, seq, storedAtMs } = stored;
    const state = foldRollout(before, { seq, storedAtMs, hash, epoch, event: { ...event, payload } });
    this.set(name, { state });
    return { name, before, state };
  }

  /** Clusters whose rows an event changed; undefined = it is of a history, whose steps nobody follows. */
  rowsChanged(change: PlacementChange | undefined): readonly ClusterUid[] {
    if (change === undefined) {
      this.#rows.forget();
      return [];
    }
    const changed = clustersChanged(change.before, change.state);
    this.#rows.changed(change.state, changed);
    return changed;
  }
}

/** What an event made of a placement's state. */
export interface PlacementChange {
  readonly name: PlacementName;
  readonly before: RolloutState;
  readonly state: RolloutState;
}
