import { compareVersions, type PlacementDecision } from '@flotilla/shared/model';
import { setPhases } from './phases.ts';
import type { PlacementRow, Rollout, RolloutState, StoredPlacementEvent } from './state.ts';

/**
 * The row that holds deletes back is made anew with the permission for one list of them, and nothing else of it changes. A
 * permission for another row than the one that stands is void: what it was asked for is not what stands now. A cluster
 * that counted as failed is evidence again: its failure spoke of the row before.
 */
export function withPermission(
  state: RolloutState,
  stored: StoredPlacementEvent,
  permitted: Extract<PlacementDecision, { readonly kind: 'prune-permitted' }>,
): RolloutState {
  const { cluster, listHash, version } = permitted;
  const before = state.rows.get(cluster);
  if (before === undefined || compareVersions(before.version, version) !== 0) return state;
  const row: PlacementRow = {
    ...before,
    version: { epoch: stored.epoch, seq: stored.seq },
    eventHash: stored.hash,
    eventId: stored.event.id,
    cause: { kind: 'decision', event: stored.event.id },
    permittedPrune: listHash,
    issuedAtMs: stored.storedAtMs,
  };
  const seenAgain = (rollout: Rollout | undefined) =>
    rollout?.id === before.rollout && rollout.clusters.get(cluster)?.phase.kind === 'failed'
      ? setPhases(rollout, [cluster], { kind: 'issued' }, state.timeMs)
      : rollout;
  return {
    ...state,
    rows: new Map(state.rows).set(cluster, row),
    active: seenAgain(state.active),
    withdraw: seenAgain(state.withdraw),
  };
}
