import type { ClusterName } from '@flotilla/shared/base';
import type { Taint } from '@flotilla/shared/model';
import type { Location } from './located-error.ts';
import type { Documented, Reference } from './model.ts';

/** Expectations about where placements go, and as what. */
export interface PlacementTestSpec extends Documented {
  readonly name: string;
  /** The fleet of the test; undefined = the clusters that it is run with. */
  readonly clusters: readonly TestCluster[] | undefined;
  readonly expect: readonly Expectation[];
}

/** A cluster of a test. */
export interface TestCluster {
  readonly name: ClusterName;
  readonly labels: { readonly [key: string]: string };
  readonly taints: readonly Taint[];
  readonly isCordoned: boolean;
}

/** What one placement must do on some clusters. */
export interface Expectation {
  readonly at: Location;
  readonly placement: Reference;
  /** `exactly`: it goes to these clusters and to no other of the test. */
  readonly kind: 'placed' | 'notPlaced' | 'exactly';
  readonly clusters: readonly ClusterName[];
  /** Of `notPlaced`: code of one of the reasons; undefined = any. */
  readonly reason: string | undefined;
  /** The rest holds of every cluster that gets it; undefined = anything. */
  readonly path: string | undefined;
  readonly namespace: string | undefined;
  /** JSON object: each value in it must be among those that the cluster gets. */
  readonly valuesJson: string | undefined;
  readonly variables: { readonly [name: string]: string } | undefined;
  readonly strategy: string | undefined;
}
