import type { ClusterUid, Digest, RolloutId } from '../base/index.ts';
import type { RowVersion } from './assignment.ts';

/** What a person decides about a rollout (rollout design, "Operations"); of three of them the hub may decide itself. */
export type OperationDecision =
  | {
      /** A person agrees that what comes after a stage may begin; bound to this rollout and so to its release. */
      readonly kind: 'stage-approved';
      readonly rollout: RolloutId;
      /** Index into the strategy's stages. */
      readonly stage: number;
    }
  | {
      /** A person ends the soak of an open wave: its clusters need only be Ready. */
      readonly kind: 'wave-promoted';
      readonly rollout: RolloutId;
      readonly wave: number;
    }
  | {
      /**
       * A person leaves a cluster out of a rollout; it gets the release by a retry or with the next one. Of a removal the hub
       * leaves out who stayed silent after a person resumed it: the cluster has its row, and removes when it is back.
       */
      readonly kind: 'cluster-skipped';
      readonly rollout: RolloutId;
      readonly cluster: ClusterUid;
    }
  | {
      /**
       * A release that was rolled back or aborted may start again, also on the clusters that a person skipped: somebody
       * said retry, or Git asked for something else since.
       */
      readonly kind: 'rejection-lifted';
      readonly release: Digest;
      readonly text: string;
    }
  | {
      /** Clusters of an aborted withdrawal may lose the placement: somebody said retry, or they were wanted again since. */
      readonly kind: 'keep-lifted';
      readonly clusters: readonly ClusterUid[];
    }
  | {
      /**
       * A person allows exactly one list of deletes that an agent holds back. Makes a row that carries the permission, unless
       * another row than the one that held stands by then.
       */
      readonly kind: 'prune-permitted';
      readonly cluster: ClusterUid;
      /** The row that holds. */
      readonly version: RowVersion;
      readonly listHash: Digest;
    }
  | {
      /**
       * A person calls the release that Git asks for urgent: until it is stable, given up, or another one is planned, its
       * rollout replaces the one that runs, is held by no window that exempts urgent, and soaks less. Bound to the release.
       */
      readonly kind: 'release-urgent';
      readonly release: Digest;
      readonly text: string;
    }
  | { readonly kind: 'rollout-resumed'; readonly rollout: RolloutId }
  | { readonly kind: 'rollout-paused'; readonly rollout: RolloutId; readonly paused: boolean };
