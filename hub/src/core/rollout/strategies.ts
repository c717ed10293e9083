import type { Amount, RolloutStrategy, StrategyStage } from '@flotilla/shared/model';

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
 * One wave, no soak, stopped by nothing: for few clusters that get what the others already run. `name` is the stage's.
 * Deadline and offline rules stay the placement's own.
 */
export function atOnceStrategy(strategy: RolloutStrategy, name: string): RolloutStrategy {
  const failure = { max: all, total: all, action: 'halt' } as const;
  const waves = { start: all, growth: 1, max: all };
  return {
    ...strategy,
    minSamplesPercent: 0,
    failure,
    stages: [oneStage(name, { waves, failure, soakMs: 0 })],
  };
}

/** For many clusters that were left behind: waves as large as the strategy's last ones, under its budget and soak. */
export function followingStrategy(strategy: RolloutStrategy): RolloutStrategy {
  const last = strategy.stages.at(-1);
  const size = last?.waves.max ?? { kind: 'count', count: 1 };
  const waves = { start: size, growth: 1, max: size };
  const stage = oneStage('catch-up', { waves, failure: last?.failure, soakMs: last?.soakMs ?? 0 });
  return { ...strategy, stages: [stage] };
}

function oneStage(name: string, shape: Pick<StrategyStage, 'waves' | 'failure' | 'soakMs'>): StrategyStage {
  return { name, select: { kind: 'remaining' }, ...shape, after: [], checks: [] };
}

const all: Amount = { kind: 'percent', percent: 100 };

function isAll(amount: Amount): boolean {
  return amount.kind === 'percent' && amount.percent === 100;
}
