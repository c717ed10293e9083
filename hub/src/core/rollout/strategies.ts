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
 * One stage, no soak, stopped by nothing, for clusters that get what the others already run: `size` of them at a time.
 * Deadline and offline rules stay the placement's own.
 */
export function provenStrategy(strategy: RolloutStrategy, name: string, size: Amount): RolloutStrategy {
  const failure = { max: all, total: all, action: 'halt' } as const;
  const stage = {
    name,
    select: { kind: 'remaining' },
    waves: { start: size, growth: 1, max: size },
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
