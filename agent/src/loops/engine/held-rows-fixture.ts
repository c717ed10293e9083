import type { PlacementName } from '@flotilla/shared/base';
import type { Row } from '@flotilla/shared/model';
import { setDigest, zeroDigest } from '@flotilla/shared/model';
import type { HeldRows } from '../held-rows.ts';

/** Held rows in memory, for tests of what reads them. */
export function memoryHeldRows(initial: readonly Row[] = []): HeldRows {
  const rows = new Map<PlacementName, Row>(initial.map((row) => [row.placement, row]));
  const listeners = new Set<(placements: readonly PlacementName[]) => void>();
  const all = () => [...rows.values()].sort((left, right) => (left.placement < right.placement ? -1 : 1));
  return {
    all,
    get: (placement) => rows.get(placement),
    digest: () =>
      setDigest(
        all().map((row) => ({
          placement: row.placement,
          version: row.version,
          variantDigest: row.kind === 'assignment' ? row.variant.digest : zeroDigest,
        })),
      ),
    async accept(accepted, signal) {
      signal.throwIfAborted();
      for (const row of accepted) rows.set(row.placement, row);
      for (const listener of listeners) listener(accepted.map((row) => row.placement));
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
