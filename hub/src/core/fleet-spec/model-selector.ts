import type { ClusterName } from '@flotilla/shared/base';
import type { LabelExpression } from '@flotilla/shared/model';
import type { Location } from './located-error.ts';

/** A name in a file that points to another document. */
export interface Reference {
  readonly name: string;
  readonly at: Location;
}

/** A cluster selector as written; `resolveSelector` replaces the group by its selector. */
export interface SelectorSpec {
  readonly at: Location;
  readonly matchLabels: { readonly [key: string]: string };
  readonly matchExpressions: readonly LabelExpression[];
  readonly names: readonly ClusterName[];
  readonly group: Reference | undefined;
  readonly exclude: readonly ClusterName[];
  /** An expression over `labels`, `facts` and `name`; undefined = none. */
  readonly cel: string | undefined;
}

/** So many clusters, spread evenly over the values of a label. */
export interface PickSpec {
  /** At least 1. */
  readonly count: number;
  /** Undefined = not spread. */
  readonly spreadBy: string | undefined;
}
