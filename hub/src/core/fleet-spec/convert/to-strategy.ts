import { limits } from '@flotilla/shared/base';
import type { Amount, FailureBudget, RolloutStrategy, WaveShape } from '@flotilla/shared/model';
import type { StageSpec, StrategySpec } from '../model.ts';
import type { RawStage, RawStrategy } from '../schema/index.ts';
import type { YamlPath } from '../yaml.ts';
import type { Reading } from './reading.ts';
import { toSelector } from './to-selector.ts';

type Defaults = Omit<RolloutStrategy, 'name' | 'stages'>;

/** What a strategy has that does not say otherwise (rollout design, R6 to R8 and the strategy file). */
export const strategyDefaults: Defaults = {
  deadlineMs: 600_000,
  offline: { afterMs: 120_000, before: 'defer', afterStart: 'fail' },
  minSamplesPercent: 80,
  failure: { max: percent(5), total: percent(3), action: 'halt' },
};
/** Waves of a stage that names none: from 2 % doubling to 25 % (R4). */
export const defaultWaves: WaveShape = { start: percent(2), growth: 2, max: percent(25) };
/** A canary stage starts all of its clusters together and lets none fail (R3). */
export const canaryWaves: WaveShape = { start: percent(100), growth: 1, max: percent(100) };
/** Soak of a stage that names none (R4). */
const defaultSoakMs = 300_000;

/** Turns a strategy into the model. */
export function toStrategy(raw: RawStrategy, reading: Reading): StrategySpec {
  const defaults = toDefaults(raw, reading);
  const stages = raw.spec.stages.map((one, index) => toStage(one, ['spec', 'stages', index], reading));
  checkStages(raw.spec.stages, reading);
  return { name: raw.metadata.name, at: reading.at([]), unsupported: reading.unsupported, stages, defaults };
}

function toDefaults(raw: RawStrategy, reading: Reading): Defaults {
  const given = raw.spec.defaults;
  const path = ['spec', 'defaults'];
  if (given?.offline?.before === 'fail')
    reading.notYet([...path, 'offline', 'before'], '"fail" is not supported yet');
  if (given?.offline?.afterStart === 'defer') {
    reading.notYet([...path, 'offline', 'afterStart'], '"defer" is not supported yet');
  }
  return {
    deadlineMs: given?.deadline ?? strategyDefaults.deadlineMs,
    offline: {
      afterMs: given?.offline?.after ?? strategyDefaults.offline.afterMs,
      before: given?.offline?.before ?? strategyDefaults.offline.before,
      afterStart: given?.offline?.afterStart ?? strategyDefaults.offline.afterStart,
    },
    minSamplesPercent: given?.minSamples ?? strategyDefaults.minSamplesPercent,
    failure: {
      max: given?.failure?.max ?? strategyDefaults.failure.max,
      total: given?.failure?.total ?? strategyDefaults.failure.total,
      action: given?.failure?.action ?? strategyDefaults.failure.action,
    },
  };
}

function toStage(raw: RawStage, path: YamlPath, reading: Reading): StageSpec {
  return {
    name: raw.name,
    at: reading.at(path),
    select: toSelect(raw, path, reading),
    waves: toWaves(raw, path, reading),
    ...(raw.order?.oneDomainAtATime === undefined ? {} : { oneDomainAtATime: raw.order.oneDomainAtATime }),
    soakMs: raw.soak ?? defaultSoakMs,
    failure: toBudget(raw),
    after: raw.after ?? [],
    checks: toChecks(raw, path, reading),
  };
}

function toChecks({ checks = [] }: RawStage, path: YamlPath, reading: Reading): StageSpec['checks'] {
  if (checks.length > limits.stageChecksMax) {
    reading.complain('BAD_VALUE', [...path, 'checks'], `names more than ${limits.stageChecksMax} checks`);
  }
  for (const [index, name] of checks.entries()) {
    if (checks.indexOf(name) < index) {
      reading.complain('DUPLICATE_NAME', [...path, 'checks', index], 'is named twice');
    }
  }
  return checks.map((name, index) => ({ name, at: reading.at([...path, 'checks', index]) }));
}

function toSelect(raw: RawStage, path: YamlPath, reading: Reading): StageSpec['select'] {
  const ways = [raw.canary, raw.clusters, raw.remaining].filter((one) => one !== undefined).length;
  if (ways !== 1) {
    reading.complain(
      'CONTRADICTION',
      path,
      `needs exactly one of canary, clusters and remaining, has ${ways}`,
    );
  }
  if (raw.required !== undefined && raw.clusters === undefined) {
    reading.complain('CONTRADICTION', [...path, 'required'], 'is for stages that select clusters');
  }
  if (raw.clusters !== undefined) {
    const selector = toSelector(raw.clusters, [...path, 'clusters'], reading);
    return { kind: 'selector', selector, required: raw.required ?? false };
  }
  return raw.canary === undefined ? { kind: 'remaining' } : { kind: 'canary', count: raw.canary };
}

function toWaves(raw: RawStage, path: YamlPath, reading: Reading): WaveShape {
  const preset = raw.canary === undefined ? defaultWaves : canaryWaves;
  const waves = {
    start: raw.waves?.start ?? preset.start,
    growth: raw.waves?.growth ?? preset.growth,
    max: raw.waves?.max ?? larger(preset.max, raw.waves?.start),
  };
  for (const field of ['start', 'max'] as const) {
    if (raw.waves?.[field] !== undefined && isZero(waves[field]))
      reading.complain('CONTRADICTION', [...path, 'waves', field], 'would never start a cluster');
  }
  if (waves.start.kind === waves.max.kind && sizeOf(waves.start) > sizeOf(waves.max)) {
    reading.complain('CONTRADICTION', [...path, 'waves', 'start'], 'is larger than waves.max');
  }
  return waves;
}

/** A canary may not fail unless its stage says so; other stages fall back to the strategy's budget. */
function toBudget(raw: RawStage): FailureBudget | undefined {
  const max =
    raw.failure?.max ?? (raw.canary === undefined ? undefined : ({ kind: 'count', count: 0 } as const));
  return max === undefined ? undefined : { max, total: strategyDefaults.failure.total, action: 'halt' };
}

function checkStages(stages: readonly RawStage[], reading: Reading): void {
  for (const [index, stage] of stages.entries()) {
    const path = ['spec', 'stages', index];
    const earlier = stages.slice(0, index);
    if (earlier.some((one) => one.name === stage.name)) {
      reading.complain('DUPLICATE_NAME', [...path, 'name'], `is the name of an earlier stage`);
    }
    if (earlier.some((one) => one.remaining === true)) {
      reading.complain('CONTRADICTION', path, 'can take no cluster: an earlier stage takes all that remain');
    }
  }
}

function larger(preset: Amount, start: Amount | undefined): Amount {
  if (start === undefined) return preset;
  return start.kind === preset.kind && sizeOf(start) <= sizeOf(preset) ? preset : start;
}

function sizeOf(amount: Amount): number {
  return amount.kind === 'count' ? amount.count : amount.percent;
}

function isZero(amount: Amount): boolean {
  return sizeOf(amount) === 0;
}

function percent(value: number): Amount {
  return { kind: 'percent', percent: value };
}
