import type { ClusterUid, Digest } from '@flotilla/shared/base';
import type { AssignmentRow, RemovalRow } from '@flotilla/shared/model';
import type { PlacementRow, RolloutState } from '../rollout/index.ts';

/** A row as decisions make it; whoever sends it adds the MAC (`rowMacInput`) and, where asked for, a credential. */
export type UnsignedRow =
  | (Omit<AssignmentRow, 'proof' | 'credential'> & { readonly eventHash: Digest })
  | (Omit<RemovalRow, 'proof'> & { readonly eventHash: Digest });

/** What a placement's log tells one cluster; undefined = it never told it anything. */
export function rowFor(state: RolloutState, cluster: ClusterUid): UnsignedRow | undefined {
  const row = state.rows.get(cluster);
  return row === undefined ? undefined : unsignedRow(state, row);
}

/** Clusters whose row differs between two states of one placement; costs nothing when no row was made between them. */
export function clustersChanged(
  before: RolloutState | undefined,
  after: RolloutState,
): readonly ClusterUid[] {
  if (before?.rows === after.rows) return [];
  const changed: ClusterUid[] = [];
  for (const [cluster, row] of after.rows) if (before?.rows.get(cluster) !== row) changed.push(cluster);
  for (const cluster of before?.rows.keys() ?? []) if (!after.rows.has(cluster)) changed.push(cluster);
  return changed;
}

function unsignedRow(state: RolloutState, row: PlacementRow): UnsignedRow {
  const common = {
    placement: state.placement,
    version: row.version,
    eventHash: row.eventHash,
    cause: row.cause,
  };
  const { permittedPrune } = row;
  if (row.target.kind === 'removal')
    return { kind: 'removal', ...common, mode: row.target.mode, permittedPrune };
  return {
    kind: 'assignment',
    ...common,
    mode: row.mode,
    rollout: row.rollout,
    suspension: undefined,
    permittedPrune,
    variant: row.target.variant,
    placementAgeSeq: state.firstRowSeq,
  };
}
