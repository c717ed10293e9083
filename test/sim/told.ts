import type { Digest } from '@flotilla/shared/base';
import type {
  ClustersAdmitted,
  ControlAdopted,
  RolloutPlanned,
  RolloutTarget,
  RowVersion,
} from '@flotilla/shared/model';
import type { RawEvent } from './raw-log.ts';

/** What a cluster was told of a placement last. */
export interface ToldRow {
  readonly version: RowVersion;
  /** The rollout that gave it; `adoptedRollout` where it was written down again. */
  readonly rollout: string;
  readonly stage: number;
  readonly target: RolloutTarget;
  /** Digest of the release; undefined for a removal. */
  readonly release: Digest | undefined;
  readonly storedAtMs: number;
}

/** In place of a rollout: the log had lost what a cluster holds, and says it again. */
export const adoptedRollout = 'adopted';

/** Where the log left a cluster of a rollout. */
export type ToldPhase =
  | { readonly kind: 'issued' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'deferred'; readonly reason: string };

/** A rollout as the log tells of it. */
export interface ToldRollout {
  readonly placement: string;
  readonly plan: RolloutPlanned;
  readonly planned: RawEvent;
  readonly opened: Map<number, RawEvent>;
  readonly passed: Map<number, RawEvent>;
  readonly phases: Map<string, ToldPhase>;
  /** Clusters that were given rows outside the waves. */
  readonly admitted: Map<string, ClustersAdmitted['basis']>;
  /** By cluster the sequence of the row that it was proven with when its wave passed. */
  readonly proven: Map<string, number>;
  /** By index of the stage: the approval that counts. */
  readonly approvals: Map<number, RawEvent>;
  isHalted: boolean;
  isPaused: boolean;
  promotedWave: number | undefined;
  ended: RawEvent | undefined;
}

/** One placement as the log tells of it. */
export interface ToldPlacement {
  readonly rollouts: Map<string, ToldRollout>;
  readonly rows: Map<string, ToldRow>;
  /** Every row that was ever made, by `uid seq`. */
  readonly allRows: Map<string, ToldRow>;
  active: ToldRollout | undefined;
  withdraw: ToldRollout | undefined;
  /** Release that may not be given to anybody, and the plan that said so. */
  rejected: { readonly release: string; readonly event: RawEvent } | undefined;
  /** Releases that a person called urgent. */
  readonly urgent: Set<string>;
  /** Clusters that a person agreed to take the placement from. */
  readonly approved: Set<string>;
}

/** A commit that came into force. */
export interface Adoption {
  readonly seq: number;
  readonly storedAtMs: number;
  readonly payload: ControlAdopted;
}

/** A placement of which the log says nothing yet. */
export function nothingTold(): ToldPlacement {
  return {
    rollouts: new Map(),
    urgent: new Set(),
    rows: new Map(),
    allRows: new Map(),
    active: undefined,
    withdraw: undefined,
    rejected: undefined,
    approved: new Set(),
  };
}
