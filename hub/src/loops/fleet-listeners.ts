import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import type { ChangedCluster } from './fleet-state.ts';
import { listeners } from './listeners.ts';

/** What loops can hear of a fleet. */
export class FleetListeners {
  /** Clusters whose rows changed. */
  readonly onRows = listeners<readonly ClusterUid[]>();
  /** A placement that looks different: its log, its rule, or what clusters say of it. */
  readonly onPlacement = listeners<PlacementName>();
  /** A placement about which something may be to decide now. */
  readonly onWork = listeners<PlacementName>();
  /** A placement of which nothing is new but that time has passed: there is nothing to decide, only texts to bring up to date. */
  readonly onAging = listeners<PlacementName>();
  /** What of Git is in force changed, or a person accepted a commit. */
  readonly onControl = listeners<void>();
  /** A registration came, changed or went; undefined when all were read. */
  readonly onClusters = listeners<ChangedCluster | undefined>();
  /** What a cluster reports, or where its stream stands, changed. */
  readonly onView = listeners<ClusterUid>();
  /** Facts of a cluster, as rules see them, changed; undefined when the last ones of all were read. */
  readonly onFacts = listeners<ClusterUid | undefined>();
  /** What the last look at Git said changed. */
  readonly onOutlook = listeners<void>();
  /** This process may speak for the fleet from now on. */
  readonly onReady = listeners<void>();
  /** The epoch was raised, or a person confirmed it. */
  readonly onEpoch = listeners<void>();
  /** The sequence folded last. */
  readonly onFolded = listeners<number>();
}
