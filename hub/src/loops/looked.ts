import type { ResolvedPlacement } from '../core/index.ts';

/** What a look at a placement rested on, beside the sources at their commits, which the adoption names. */
export interface Looked {
  readonly placement: ResolvedPlacement;
  readonly adoptedSeq: number;
  readonly clusters: number;
}

/** Whether a look would come to what one before came to. */
export function isSameLook(before: Looked | undefined, now: Looked): boolean {
  return (
    before?.placement === now.placement &&
    before.adoptedSeq === now.adoptedSeq &&
    before.clusters === now.clusters
  );
}
