import type { ClusterName } from '../base/index.ts';

/**
 * Which clusters: every part that is given must hold, and none of `exclude` may match. Plain data, so that it can be
 * stored in a release or a strategy. `pick` is a part of a placement, not of this.
 */
export interface ClusterSelector {
  readonly matchLabels: { readonly [key: string]: string };
  readonly matchExpressions: readonly LabelExpression[];
  /** One of these; empty = any name. */
  readonly names: readonly ClusterName[];
  /** Named groups, already resolved; all must hold. */
  readonly groups: readonly { readonly name: string; readonly selector: ClusterSelector }[];
  readonly exclude: readonly ClusterName[];
  /** An expression over `labels`, `facts` and `name` that must be true; absent = none. */
  readonly cel?: string | undefined;
}

/** One label requirement, with the meaning that Kubernetes gives it (NotIn and DoesNotExist hold where the key is absent). */
export interface LabelExpression {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /** Empty for Exists and DoesNotExist. */
  readonly values: readonly string[];
}
