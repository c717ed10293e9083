import type { Amount, RolloutStrategy, StrategyStage } from '@flotilla/shared/model';
import { canaryWaves, defaultWaves, strategyDefaults } from '../fleet-spec/index.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const none: Amount = { kind: 'count', count: 0 };
const all: Amount = { kind: 'percent', percent: 100 };

/** Strategies that every fleet has (rollout design, R3, R4 and "Presets"). A document of the same name replaces one. */
export const builtInStrategies: readonly RolloutStrategy[] = [
  { ...strategyDefaults, name: 'default', stages: [canary(10 * minuteMs), rest(5 * minuteMs)] },
  {
    ...strategyDefaults,
    name: 'careful',
    stages: [
      { ...canary(hourMs), after: ['approval'] },
      { ...rest(2 * hourMs), name: 'pilot', select: { kind: 'canary', count: 3 } },
      {
        ...rest(30 * minuteMs),
        waves: { start: { kind: 'percent', percent: 5 }, growth: 2, max: { kind: 'percent', percent: 25 } },
      },
    ],
  },
  {
    ...strategyDefaults,
    name: 'fast',
    stages: [
      canary(minuteMs),
      {
        ...rest(minuteMs),
        waves: { start: { kind: 'percent', percent: 10 }, growth: 4, max: { kind: 'percent', percent: 33 } },
      },
    ],
  },
  {
    ...strategyDefaults,
    name: 'all-at-once',
    minSamplesPercent: 0,
    stages: [{ ...rest(0), name: 'all', waves: { start: all, growth: 1, max: all } }],
  },
];

/**
 * How a rollback moves, whatever the placement's strategy: a third at a time, no soak, stopped by nothing (R9), because
 * the clusters it goes to are known good.
 */
export const rollbackStrategy: RolloutStrategy = {
  ...strategyDefaults,
  name: 'rollback',
  minSamplesPercent: 0,
  failure: { max: all, total: all, action: 'halt' },
  stages: [
    {
      ...rest(0),
      name: 'rollback',
      failure: { max: all, total: all, action: 'halt' },
      waves: { start: { kind: 'percent', percent: 33 }, growth: 1, max: { kind: 'percent', percent: 33 } },
    },
  ],
};

function canary(soakMs: number): StrategyStage {
  return {
    name: 'canary',
    select: { kind: 'canary', count: 1 },
    waves: canaryWaves,
    soakMs,
    failure: { ...strategyDefaults.failure, max: none },
    after: [],
    checks: [],
  };
}

function rest(soakMs: number): StrategyStage {
  return {
    name: 'rest',
    select: { kind: 'remaining' },
    waves: defaultWaves,
    soakMs,
    failure: undefined,
    after: [],
    checks: [],
  };
}
