import { assert, type ClusterUid, type Digest, rolloutIdOf } from '@flotilla/shared/base';
import type { RolloutTarget, RowsAdopted } from '@flotilla/shared/model';
import type { PlacementRow, RolloutState, RowTarget, StoredPlacementEvent } from './state.ts';

/** The log lost decisions: rows say again what agents hold; of what nobody knows the log says nothing any more. */
export function withAdopted(
  state: RolloutState,
  stored: StoredPlacementEvent,
  payload: RowsAdopted,
): RolloutState {
  const rows = new Map(state.rows);
  // It is no rollout, but takes the next number: rows name what gave them.
  const rollout = rolloutIdOf(state.placement, state.nextNumber);
  for (const uid of payload.unknown) rows.delete(uid);
  // Keys of this record are the uids that the event's writer put there.
  for (const [uid, target] of Object.entries(payload.targets) as [ClusterUid, RolloutTarget][]) {
    const before = rows.get(uid);
    const row: PlacementRow = {
      version: { epoch: stored.epoch, seq: stored.seq },
      eventHash: stored.hash,
      eventId: stored.event.id,
      cause: { kind: 'decision', event: stored.event.id },
      mode: 'adopt',
      rollout,
      target: shapedAs(target, payload, before),
      issuedAtMs: stored.storedAtMs,
    };
    rows.set(uid, row);
  }
  return { ...state, rows, nextNumber: state.nextNumber + 1 };
}

function shapedAs(
  target: RolloutTarget,
  { releases, variants }: RowsAdopted,
  before: PlacementRow | undefined,
): RowTarget {
  if (target.kind === 'removal') return target;
  const variant = variants[target.digest];
  const releaseDigest: Digest | undefined = releases[target.digest];
  assert(
    variant !== undefined && releaseDigest !== undefined,
    'an adoption holds every variant that it names',
  );
  return before?.target.kind === 'variant' && before.target.variant.digest === target.digest
    ? { ...before.target, releaseDigest }
    : { kind: 'variant', variant, releaseDigest };
}
