import type { Digest, PlacementName } from '@flotilla/shared/base';
import {
  type AssignmentReport,
  type Facts,
  noCounts,
  noDrift,
  noTimings,
  type RowVersion,
} from '@flotilla/shared/model';

/** An agent's word that all of a row is as it asks; `variantDigest` undefined = a removal. */
export function wellEntry(row: {
  readonly placement: PlacementName;
  readonly version: RowVersion;
  readonly variantDigest: Digest | undefined;
  readonly healthyForMs: number;
}): AssignmentReport {
  return {
    ...row,
    state: row.variantDigest === undefined ? 'Removed' : 'Ready',
    phase: undefined,
    reason: '',
    text: '',
    counts: noCounts,
    failing: [],
    drift: noDrift,
    deadlinePassed: false,
    timings: noTimings,
    appliedCommit: undefined,
    appliedVariantDigest: row.variantDigest,
    heldPrune: undefined,
    reverted: false,
  };
}

/** An agent's word that it is at work on a row. */
export function busyEntry(row: Parameters<typeof wellEntry>[0]): AssignmentReport {
  const state = row.variantDigest === undefined ? 'Removing' : 'Progressing';
  return { ...wellEntry(row), state, phase: 'verifying', healthyForMs: 0 };
}

/** What agents of measurements say of their clusters. */
export const loadFacts: Facts = {
  kubernetes: 'v1.36.3',
  nodes: 1,
  agent: '0.1.0',
  isSimulated: true,
  fetchRungs: {},
  inventoryParent: '',
  more: {},
};
