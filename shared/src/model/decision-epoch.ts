import type { ClusterUid, Digest } from '../base/index.ts';
import type { Variant } from './assignment.ts';
import type { RolloutTarget } from './decision.ts';

/** On `flotilla.decisions.epoch`. */
export type EpochDecision =
  /** The fleet begins (1), or the log was lost, shortened or forked: rows from here on are newer than any that agents hold. */
  | { readonly kind: 'epoch-raised'; readonly epoch: number; readonly text: string }
  /** A person has looked at what a raise left: rollouts may start again. */
  | { readonly kind: 'epoch-confirmed'; readonly epoch: number };

/**
 * After the log lost decisions: what agents provably hold becomes what the log says of them, as new rows of the same
 * variants. Nothing changes on a cluster by it.
 */
export interface RowsAdopted {
  readonly kind: 'rows-adopted';
  readonly targets: { readonly [uid: string]: RolloutTarget };
  /** Variants of `targets`. */
  readonly variants: { readonly [digest: string]: Variant };
  /** Digest of the release of each variant. */
  readonly releases: { readonly [digest: string]: Digest };
  /** Clusters that hold something nobody knows: the log forgets what it wanted there, and they keep it until a rollout. */
  readonly unknown: readonly ClusterUid[];
}
