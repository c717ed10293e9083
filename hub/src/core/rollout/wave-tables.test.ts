import type { RolloutPlanned } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { builtInStrategies } from '../placement/index.ts';
import { capOf, samplesOf, thresholdOf } from './amounts.ts';
import { must } from './played-history-fixture.ts';
import { World } from './rollout-fixture.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const percent = (value: number) => ({ kind: 'percent', percent: value }) as const;

/** Letters only, so that uids stay different. */
function nameOf(index: number): string {
  return [...String(index)].map((digit) => 'bcdefghijk'[Number(digit)]).join('');
}

/** What the planner of the hub makes of a first release on so many clusters. */
function planOn(count: number, name: string): RolloutPlanned {
  const world = new World(Array.from({ length: count }, (_, index) => `c${nameOf(index)}`));
  world.strategy = must(builtInStrategies.find((one) => one.name === name));
  world.push('one');
  world.look();
  const payload = world.log[0]?.event.payload;
  if (payload?.kind !== 'rollout-planned') throw new Error('no plan');
  return payload;
}

function sizesOn(count: number, name: string): readonly number[] {
  return planOn(count, name).waves.map(({ clusters }) => clusters.length);
}

/** One stage as the design describes it. */
function stagesOf(name: string) {
  const { failure, stages } = must(builtInStrategies.find((one) => one.name === name));
  return stages.map((stage) => [stage.name, stage.soakMs, (stage.failure ?? failure).max, stage.after]);
}

describe('the wave tables of the design', () => {
  it.each([
    [100, [1, 2, 4, 8, 16, 25, 25, 19]],
    [1_000, [1, 20, 40, 80, 160, 250, 250, 199]],
    [24, [1, 1, 2, 4, 6, 6, 4]],
    [10, [1, 1, 2, 2, 2, 2]],
    [1, [1]],
  ])('are those of default for %i clusters', (count, expected) => {
    expect(sizesOn(count, 'default')).toEqual(expected);
  });

  it.each([
    ['careful', 100, [1, 2, 1, 5, 10, 20, 25, 25, 11]],
    ['careful', 1_000, [1, 3, 50, 100, 200, 250, 250, 146]],
    ['fast', 100, [1, 10, 33, 33, 23]],
    ['fast', 1_000, [1, 100, 330, 330, 239]],
    ['all-at-once', 100, [100]],
    ['all-at-once', 1_000, [1_000]],
    ['all-at-once', 1, [1]],
  ])('follow the shape of %s for %i clusters', (name, count, expected) => {
    expect(sizesOn(count, name)).toEqual(expected);
  });

  it('begin with one canary that may not fail, and soak as the presets say', () => {
    expect(stagesOf('default')).toEqual([
      ['canary', 10 * minuteMs, { kind: 'count', count: 0 }, []],
      ['rest', 5 * minuteMs, percent(5), []],
    ]);
    expect(stagesOf('careful')).toEqual([
      ['canary', hourMs, { kind: 'count', count: 0 }, ['approval']],
      ['pilot', 2 * hourMs, percent(5), []],
      ['rest', 30 * minuteMs, percent(5), []],
    ]);
    expect(stagesOf('fast')).toEqual([
      ['canary', minuteMs, { kind: 'count', count: 0 }, []],
      ['rest', minuteMs, percent(5), []],
    ]);
    expect(stagesOf('all-at-once')).toEqual([['all', 0, percent(5), []]]);
  });
});

describe('amounts of clusters', () => {
  it.each([
    ['a threshold is rounded down: small waves allow none', thresholdOf(percent(5), 19), 0],
    ['a threshold is rounded down', thresholdOf(percent(5), 39), 1],
    ['a threshold that is a number stays one', thresholdOf({ kind: 'count', count: 3 }, 1), 3],
    ['a cap is rounded down', capOf(percent(33), 100), 33],
    ['a cap is rounded down', capOf(percent(25), 39), 9],
    ['a cap is at least one', capOf(percent(2), 10), 1],
    ['samples are rounded up', samplesOf(80, 4), 4],
    ['samples are rounded up', samplesOf(80, 11), 9],
    ['no samples are none', samplesOf(0, 11), 0],
  ])('%s: %i', (_rule, value, expected) => {
    expect(value).toBe(expected);
  });
});
