import { err, type Json, ok, type Result, stableJson } from '@flotilla/shared/base';
import type {
  Cluster,
  ClusterSelector,
  RolloutStrategy,
  StageCheck,
  StrategyStage,
} from '@flotilla/shared/model';
import {
  type CheckSpec,
  type ClusterGroupSpec,
  didYouMean,
  type FleetSpec,
  type LocatedError,
  type Location,
  type PlacementSpec,
  type Reference,
  type StageSpec,
  type StrategySpec,
} from '../fleet-spec/index.ts';
import { builtInStrategies } from './built-in-strategies.ts';
import { CelReader } from './cel-reader.ts';
import { matches } from './match.ts';
import { resolveSelector } from './resolve-selector.ts';

/** Every strategy that placements may name. */
export interface StrategyBook {
  readonly reader: CelReader;
  readonly byName: ReadonlyMap<string, KnownStrategy>;
  /** Of the fleet policy; undefined = the built-in `default`. */
  readonly defaultName: Reference | undefined;
}

interface KnownStrategy {
  readonly strategy: RolloutStrategy;
  readonly errors: readonly LocatedError[];
  /** Of its stages, in order. */
  readonly selectors: readonly ClusterSelector[];
  /** Stages that must match something wherever the strategy is used. */
  readonly required: readonly {
    readonly stage: string;
    readonly at: Location;
    readonly selector: ClusterSelector;
  }[];
}

/** The built-in strategies and those of the repository; a document replaces a built-in of its name. */
export function strategyBook(
  spec: FleetSpec,
  groups: ReadonlyMap<string, ClusterGroupSpec>,
  reader = new CelReader(),
): StrategyBook {
  const byName = new Map<string, KnownStrategy>();
  for (const strategy of builtInStrategies)
    byName.set(strategy.name, { strategy, errors: [], selectors: [], required: [] });
  const checks = new Map(spec.checks.map((one) => [one.name, one]));
  for (const one of spec.strategies) byName.set(one.name, fromSpec(one, { groups, checks }));
  return { reader, byName, defaultName: spec.policies[0]?.defaultStrategy };
}

/** A placement's strategy, its stages' selectors, and what is wrong with it. */
export interface FoundStrategy extends Pick<KnownStrategy, 'errors' | 'selectors'> {
  readonly strategy: RolloutStrategy | undefined;
}

/** The strategy of a placement, or why it has none. */
export function strategyOf(
  spec: PlacementSpec,
  matched: readonly Cluster[],
  book: StrategyBook,
): FoundStrategy {
  const reference = spec.strategy ?? book.defaultName ?? { name: 'default', at: spec.at };
  const known = book.byName.get(reference.name);
  if (known === undefined) {
    const near = didYouMean(reference.name, book.byName.keys());
    const text = `there is no RolloutStrategy ${JSON.stringify(reference.name)}${near}`;
    return {
      strategy: undefined,
      selectors: [],
      errors: [{ ...reference.at, code: 'UNKNOWN_REFERENCE', text }],
    };
  }
  const missing = known.required
    .filter(
      ({ selector }) => matched.length > 0 && !matched.some((one) => matches(selector, one, book.reader)),
    )
    .map(({ stage, at }): LocatedError => {
      const text = `stage ${stage} of strategy ${reference.name} is required, but matches none of the ${matched.length} clusters of placement ${spec.name}`;
      return { ...at, code: 'CONTRADICTION', text };
    });
  return { ...known, errors: [...known.errors, ...missing] };
}

/** What stages name. */
interface Named {
  readonly groups: ReadonlyMap<string, ClusterGroupSpec>;
  readonly checks: ReadonlyMap<string, CheckSpec>;
}

function fromSpec(spec: StrategySpec, named: Named): KnownStrategy {
  const stages = spec.stages.map((stage) => toStage(stage, named));
  return {
    strategy: { name: spec.name, ...spec.defaults, stages: stages.map((one) => one.stage) },
    errors: [...spec.unsupported, ...stages.flatMap((one) => one.errors)],
    selectors: stages.flatMap((one) => one.selectors),
    required: stages.flatMap((one) => one.required),
  };
}

function toStage(
  spec: StageSpec,
  { groups, checks: known }: Named,
): { readonly stage: StrategyStage } & Pick<KnownStrategy, 'errors' | 'required' | 'selectors'> {
  const { at, select, checks: references, ...others } = spec;
  const checks = references.map((one) => findCheck(one, known));
  const unknown = checks.flatMap((one) => (one.ok ? [] : [one.error]));
  const rest = { ...others, checks: checks.flatMap((one) => (one.ok ? [one.value] : [])) };
  if (select.kind !== 'selector')
    return { stage: { ...rest, select }, errors: unknown, selectors: [], required: [] };
  const { selector, errors: badSelector } = resolveSelector(select.selector, groups);
  const errors = [...unknown, ...badSelector];
  // A selector is plain data of the model; every member is JSON.
  const text = stableJson(selector as unknown as Json);
  return {
    stage: { ...rest, select: { kind: 'selector', selector: text, required: select.required } },
    errors,
    selectors: [selector],
    required: select.required ? [{ stage: spec.name, at, selector }] : [],
  };
}

function findCheck(
  { name, at }: Reference,
  known: ReadonlyMap<string, CheckSpec>,
): Result<StageCheck, LocatedError> {
  const check = known.get(name);
  if (check !== undefined) return ok(check.check);
  const text = `there is no Check ${JSON.stringify(name)}${didYouMean(name, known.keys())}`;
  return err({ ...at, code: 'UNKNOWN_REFERENCE', text });
}
