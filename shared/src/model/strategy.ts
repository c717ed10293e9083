import type { StageCheck } from './check.ts';

/** A named way to move a placement through a fleet. Field meanings: rollout design, "Strategy, policy and window files". */
export interface RolloutStrategy {
  readonly name: string;
  readonly stages: readonly StrategyStage[];
  /** From a row's issue to Ready on one cluster. */
  readonly deadlineMs: number;
  readonly offline: {
    readonly afterMs: number;
    readonly before: 'defer' | 'fail';
    readonly afterStart: 'fail' | 'defer';
  };
  /** Share of a wave that must have reported, percent, rounded up. */
  readonly minSamplesPercent: number;
  readonly failure: FailureBudget;
}

/** How many clusters may fail before a halt. Percentages are rounded down. */
export interface FailureBudget {
  /** Of one wave: an absolute count or a percentage. */
  readonly max: Amount;
  /** Of the whole plan. */
  readonly total: Amount;
  readonly action: 'halt' | 'rollback';
}

/** A count, or percent of something. */
export type Amount =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'percent'; readonly percent: number };

/** A named part of a strategy. */
export interface StrategyStage {
  readonly name: string;
  /** Clusters of the stage; undefined = all that no other stage takes. */
  readonly select: StageSelect;
  readonly waves: WaveShape;
  /** Label whose values are failure domains: no wave of the stage has clusters of two. Absent = waves mix them. */
  readonly oneDomainAtATime?: string;
  readonly soakMs: number;
  readonly failure: FailureBudget | undefined;
  readonly after: readonly 'approval'[];
  /** What must hold besides: on each cluster of the stage, or once its waves have passed. */
  readonly checks: readonly StageCheck[];
}

/** Which clusters a stage takes: the labelled ones or so many, then the rest. */
export type StageSelect =
  | { readonly kind: 'canary'; readonly count: number }
  | { readonly kind: 'selector'; readonly selector: ClusterSelectorText; readonly required: boolean }
  | { readonly kind: 'remaining' };

/** A selector kept as parsed JSON, so that strategies can be stored whole in a plan. */
export type ClusterSelectorText = string;

/** Sizes of the waves of one stage: start × growth^n, capped. */
export interface WaveShape {
  readonly start: Amount;
  readonly growth: number;
  readonly max: Amount;
}
