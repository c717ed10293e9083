import type { Amount, RolloutStrategy } from '@flotilla/shared/model';

/** Starts everything together, by a person's explicit wish: one stage, one wave. */
export function isAtOnce(strategy: RolloutStrategy): boolean {
  const [only, ...others] = strategy.stages;
  return others.length === 0 && only !== undefined && isAll(only.waves.start);
}

/** Moves a release that is proven already (rollback, joiners, catch-up): no failure and no missing sample stops it. */
export function isUngated(strategy: RolloutStrategy): boolean {
  return strategy.minSamplesPercent === 0 && isAll(strategy.failure.max) && isAll(strategy.failure.total);
}

/**
 * One wave, no soak, stopped by nothing, for clusters that get what the others already run. `name` is the stage's.
 * Deadline and offline rules stay the placement's own.
 */
export function atOnceStrategy(strategy: RolloutStrategy, name: string): RolloutStrategy {
  const failure = { max: all, total: all, action: 'halt' } as const;
  const stage = {
    name,
    select: { kind: 'remaining' },
    waves: { start: all, growth: 1, max: all },
    soakMs: 0,
    failure,
    after: [],
    checks: [],
  } as const;
  return { ...strategy, minSamplesPercent: 0, failure, stages: [stage] };
}

const all: Amount = { kind: 'percent', percent: 100 };

function isAll(amount: Amount): boolean {
  return amount.kind === 'percent' && amount.percent === 100;
}
