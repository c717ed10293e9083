import type { ClusterName, ClusterUid, PlacementName } from '@flotilla/shared/base';
import type { AssignmentsOf, ChangeFeed, ItemChange } from '../api-port.ts';
import type { RolloutState } from '../core/index.ts';
import type { Fleet } from './fleet.ts';
import { listeners } from './listeners.ts';

/**
 * Turns changes of the fleet into the names of items that may look different; ends with the signal. A report and a step of a
 * rollout touch many assignments at once: they are told as one change each, and named only when somebody reads.
 */
export function apiChanges(fleet: Fleet, signal: AbortSignal): ChangeFeed & { factsChanged(): void } {
  const changes = listeners<ItemChange>();
  const states = new Map<PlacementName, RolloutState>();

  function tellCluster(uid: ClusterUid): void {
    const name = fleet.snapshot.clusters.get(uid)?.cluster.name;
    if (name === undefined) return;
    changes.tell({ kind: 'clusters', name });
    changes.tell({ kind: 'assignments-of-cluster', name });
  }

  function tellPlacement(name: PlacementName): void {
    const state = fleet.snapshot.placements.get(name)?.state;
    changes.tell({ kind: 'placements', name });
    for (const rollout of [state?.active, state?.withdraw, state?.history[0]]) {
      if (rollout) changes.tell({ kind: 'rollouts', name: rollout.id });
    }
    // A step of a rollout changes what waiting clusters wait for; a report does not.
    const before = states.get(name);
    if (state === undefined || before === state) return;
    states.set(name, state);
    changes.tell({ kind: 'assignments-of-placement', name });
    for (const uid of membersLost(before, state)) {
      const cluster = fleet.snapshot.clusters.get(uid)?.cluster.name;
      if (cluster !== undefined) changes.tell({ kind: 'assignments', name: `${cluster}/${name}` });
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
  return {
    subscribe: (listener) => changes.add(listener),
    assignmentsOf: (change) => assignmentsOf(fleet, change),
    factsChanged,
  };
}

function* assignmentsOf(fleet: Fleet, change: AssignmentsOf): Iterable<`${ClusterName}/${PlacementName}`> {
  const { clusters, placements } = fleet.snapshot;
  if (change.kind === 'assignments-of-placement') {
    const state = placements.get(change.name)?.state;
    for (const uid of state === undefined ? [] : membersOf(state)) {
      const cluster = clusters.get(uid)?.cluster.name;
      if (cluster !== undefined) yield `${cluster}/${change.name}`;
    }
    return;
  }
  const uid = fleet.uidOf(change.name);
  if (uid === undefined) return;
  for (const [placement, { state, desired }] of placements) {
    const isWanted = desired.kind === 'release' && desired.targets.has(uid);
    if (isWanted || state.rows.has(uid)) yield `${change.name}/${placement}`;
  }
}

/** Clusters of which a placement's log speaks now. */
function membersOf({ active, rows }: RolloutState): ReadonlySet<ClusterUid> {
  return new Set([...rows.keys(), ...(active?.clusters.keys() ?? [])]);
}

/** Clusters of which a log spoke until now: of a rollout that ended they never got a row, or a person removed them. */
function membersLost(before: RolloutState | undefined, now: RolloutState): readonly ClusterUid[] {
  if (before === undefined) return [];
  const isEnded = before.active !== undefined && before.active.id !== now.active?.id;
  if (!isEnded && before.rows.size <= now.rows.size) return [];
  const members = membersOf(now);
  return [...membersOf(before)].filter((uid) => !members.has(uid));
}
