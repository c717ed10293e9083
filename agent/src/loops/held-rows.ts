import type { Digest, PlacementName } from '@flotilla/shared/base';
import type { Row } from '@flotilla/shared/model';

/**
 * The rows this agent holds durably: the session loop writes them, the reconcile loop reads them. From here on the
 * agent needs no hub.
 */
export interface HeldRows {
  /** All rows, removal rows (tombstones) included, sorted by placement. */
  all(): readonly Row[];
  get(placement: PlacementName): Row | undefined;
  /** setDigest() of all rows. */
  digest(): Digest;
  /** Makes rows durable, then visible, then tells the listeners. Rejects (and changes nothing) when the store fails. */
  accept(rows: readonly Row[], signal: AbortSignal): Promise<void>;
  /** Called after every accepted change with the placements that changed. Returns the unsubscribe function. */
  onChange(listener: (placements: readonly PlacementName[]) => void): () => void;
}
