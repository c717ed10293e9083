import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import type { ChangeFeed, ItemChange } from '../api-port.ts';
import type { RolloutState } from '../core/index.ts';
import type { Fleet } from './fleet.ts';
import { listeners } from './listeners.ts';

/** Turns changes of the fleet into the names of items that may look different; ends with the signal. */
export function apiChanges(fleet: Fleet, signal: AbortSignal): ChangeFeed & { factsChanged(): void } {
  const changes = listeners<ItemChange>();
  const states = new Map<PlacementName, RolloutState>();

  function tellCluster(uid: ClusterUid): void {
    const known = fleet.snapshot.clusters.get(uid);
    if (!known) return;
    changes.tell({ kind: 'clusters', name: known.cluster.name });
    for (const [placement, { state, desired }] of fleet.snapshot.placements) {
      const isWanted = desired.kind === 'release' && desired.targets.has(uid);
      if (isWanted || state.rows.has(uid)) tellAssignment(known.cluster.name, placement);
    }
  }

  function tellAssignment(cluster: string, placement: PlacementName): void {
    changes.tell({ kind: 'assignments', name: `${cluster}/${placement}` });
  }

  function tellPlacement(name: PlacementName): void {
    const state = fleet.snapshot.placements.get(name)?.state;
    changes.tell({ kind: 'placements', name });
    for (const rollout of [state?.active, state?.withdraw, state?.history[0]]) {
      if (rollout) changes.tell({ kind: 'rollouts', name: rollout.id });
    }
    // A step of a rollout changes what waiting clusters wait for; a report does not.
    if (state === undefined || states.get(name) === state) return;
    states.set(name, state);
    for (const uid of new Set([...state.rows.keys(), ...(state.active?.clusters.keys() ?? [])])) {
      const cluster = fleet.snapshot.clusters.get(uid)?.cluster.name;
      if (cluster !== undefined) tellAssignment(cluster, name);
    }
  }

  const factsChanged = () => changes.tell({ kind: 'facts' });
  const removals = [
    fleet.onView.add(tellCluster),
    fleet.onPlacement.add(tellPlacement),
    fleet.onControl.add(factsChanged),
    fleet.onOutlook.add(factsChanged),
    fleet.onReady.add(factsChanged),
    fleet.onClusters.add((changed) => {
      if (changed?.name !== undefined) changes.tell({ kind: 'clusters', name: changed.name });
    }),
  ];
  signal.addEventListener('abort', () => removals.forEach((remove) => void remove()), { once: true });
  return { subscribe: (listener) => changes.add(listener), factsChanged };
}
