import type { ClusterUid, GitId } from '../base/index.ts';

/** What is decided about removals that a person has to agree to. */
export type WithdrawDecision =
  | {
      /** A withdrawal that needs a person; it names the commit that asks for it, which `source accept` must name too. */
      readonly kind: 'withdraw-held';
      readonly clusters: readonly ClusterUid[];
      readonly commit: GitId;
      readonly text: string;
    }
  | { readonly kind: 'withdraw-approved'; readonly clusters: readonly ClusterUid[] }
  | {
      /** What waited for a person, or what a person agreed to, is over: those clusters are wanted again, or gone. */
      readonly kind: 'withdraw-lifted';
      /** Their approval counts no longer. */
      readonly clusters: readonly ClusterUid[];
      /** Nothing waits for a person any more. */
      readonly endsQuestion: boolean;
    };
