import { type Json, stableJson } from '@flotilla/shared/base';
import type { Cluster, Reasoned, Variant } from '@flotilla/shared/model';
import type {
  Expectation,
  FleetSpec,
  Location,
  PlacementTestSpec,
  TestCluster,
} from '../fleet-spec/index.ts';
import { formatPlace } from '../fleet-spec/index.ts';
import { excludedBy, type ResolvedPlacement } from '../placement/index.ts';
import { uidFromName } from './clusters-file.ts';
import { Placing } from './placing.ts';
import type { RepositoryState } from './repository-state.ts';

/** What came of one test. A test that cannot be run is not a test that passed. */
export interface TestOutcome {
  readonly name: string;
  readonly at: Location;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** Expectations that hold. */
  readonly held: number;
  readonly failures: readonly TestFailure[];
  /** Why it was skipped; '' when it was not. */
  readonly text: string;
}

/** One expectation that does not hold on one cluster. */
export interface TestFailure {
  readonly at: Location;
  readonly placement: string;
  /** '' where it is not about one cluster. */
  readonly cluster: string;
  readonly code: TestFailureCode;
  readonly text: string;
}

/** Machine-readable kinds of failure; stable across releases. */
export type TestFailureCode =
  | 'NotPlaced'
  | 'Placed'
  | 'ReasonDiffers'
  | 'PathDiffers'
  | 'NamespaceDiffers'
  | 'ValueDiffers'
  | 'VariableDiffers'
  | 'StrategyDiffers'
  | 'UnknownPlacement'
  | 'UnknownCluster'
  | 'Unresolved';

/**
 * Runs the tests of a repository by the rules that stand in the same state of it, each over its own clusters or else over
 * `clusters`. A hold is left out of account: tests speak of what the rules ask for.
 */
export function runTests(
  spec: FleetSpec,
  state: RepositoryState,
  clusters: readonly Cluster[] | undefined,
): readonly TestOutcome[] {
  return spec.tests.map((test) => {
    const fleet = test.clusters?.map(toCluster) ?? clusters;
    if (fleet !== undefined) return runTest(test, new Placing(spec, state, fleet));
    const text = 'it names no clusters, and none were given (--clusters FILE)';
    return { name: test.name, at: test.at, result: 'skipped', held: 0, failures: [], text };
  });
}

/** A cluster of a test as rules see it; its uid follows from its name. */
function toCluster(one: TestCluster): Cluster {
  return { ...one, uid: uidFromName(one.name), registeredAtMs: 0 };
}

function runTest(test: PlacementTestSpec, placing: Placing): TestOutcome {
  const judged = test.expect.map((one) => judge(one, placing));
  const failures = judged.flat();
  const held = judged.filter((one) => one.length === 0).length;
  const result = failures.length === 0 ? 'passed' : 'failed';
  return { name: test.name, at: test.at, result, held, failures, text: '' };
}

function judge(expected: Expectation, placing: Placing): readonly TestFailure[] {
  const { name } = expected.placement;
  const fail = (code: TestFailureCode, text: string, cluster = ''): TestFailure => ({
    at: expected.at,
    placement: name,
    cluster,
    code,
    text,
  });
  const placement = placing.placement(name);
  if (placement === undefined) return [fail('UnknownPlacement', `there is no placement ${name}`)];
  const [mistake] = placement.errors;
  if (mistake !== undefined)
    return [fail('Unresolved', `${name} cannot be placed: ${formatPlace(mistake)} ${mistake.text}`)];
  const named = expected.clusters.flatMap((cluster) => {
    const known = placing.clusters.get(cluster);
    if (known === undefined) return [fail('UnknownCluster', `there is no cluster ${cluster}`, cluster)];
    return judgeOne(expected, { placement, placing, cluster: known }, fail);
  });
  if (expected.kind !== 'exactly') return named;
  const others = [...placing.clusters.values()].filter((one) => !expected.clusters.includes(one.name));
  const taken = others.filter((one) => excludedBy(placement, one) === undefined);
  return [
    ...named,
    ...taken.map((one) => fail('Placed', `${name} goes to ${one.name}, which is not expected`, one.name)),
  ];
}

interface JudgedOne {
  readonly placement: ResolvedPlacement;
  readonly placing: Placing;
  readonly cluster: Cluster;
}

type Fail = (code: TestFailureCode, text: string, cluster?: string) => TestFailure;

function judgeOne(expected: Expectation, about: JudgedOne, fail: Fail): readonly TestFailure[] {
  const { cluster, placement, placing } = about;
  const { name } = placement.spec;
  const got = placing.variant(placement, cluster);
  const isPlaced = 'digest' in got;
  if (expected.kind === 'notPlaced') {
    if (isPlaced) return [fail('Placed', `${name} goes to ${cluster.name}`, cluster.name)];
    const { reason } = expected;
    if (reason === undefined || got.some(({ code }) => code === reason)) return [];
    const text = `it does not go to ${cluster.name}, but not because of ${reason}: ${reasonsText(got)}`;
    return [fail('ReasonDiffers', text, cluster.name)];
  }
  if (!isPlaced)
    return [fail('NotPlaced', `${name} does not go to ${cluster.name}: ${reasonsText(got)}`, cluster.name)];
  return [...differences(expected, got, placement)].map(([code, text]) => fail(code, text, cluster.name));
}

function reasonsText(reasons: readonly Reasoned[]): string {
  return reasons.map(({ code, text }) => `${code}: ${text}`).join('; ');
}

function* differences(
  expected: Expectation,
  { content, render }: Variant,
  { strategy }: ResolvedPlacement,
): Iterable<[TestFailureCode, string]> {
  const differs = (what: string, wanted: string | undefined, got: string | undefined) =>
    `${what} is ${got === undefined || got === '' ? 'not set' : got}, not ${wanted}`;
  const path = content.trees[0]?.path;
  if (expected.path !== undefined && expected.path !== path)
    yield ['PathDiffers', differs('path', expected.path, path)];
  if (expected.namespace !== undefined && expected.namespace !== render.namespace)
    yield ['NamespaceDiffers', differs('namespace', expected.namespace, render.namespace)];
  for (const [where, wanted, got] of unequal(
    jsonOf(expected.valuesJson),
    jsonOf(render.helm?.valuesJson),
    'values',
  ))
    yield ['ValueDiffers', differs(where, wanted, got)];
  for (const [name, wanted] of Object.entries(expected.variables ?? {})) {
    const got = render.variables[name];
    if (got !== wanted) yield ['VariableDiffers', differs(`variable ${name}`, wanted, got)];
  }
  if (expected.strategy !== undefined && expected.strategy !== strategy?.name)
    yield ['StrategyDiffers', differs('strategy', expected.strategy, strategy?.name)];
}

function jsonOf(text: string | undefined): Json | undefined {
  // Both texts were made by stableJson().
  return text === undefined ? undefined : (JSON.parse(text) as Json);
}

/** Every expected value that is not there: mappings may hold more, everything else must be equal. */
function* unequal(
  wanted: Json | undefined,
  got: Json | undefined,
  where: string,
): Iterable<[where: string, wanted: string, got: string | undefined]> {
  if (wanted === undefined) return;
  if (isMapping(wanted) && (isMapping(got) || got === undefined)) {
    for (const [key, value] of Object.entries(wanted)) yield* unequal(value, got?.[key], `${where}.${key}`);
    return;
  }
  const [left, right] = [stableJson(wanted), got === undefined ? undefined : stableJson(got)];
  if (left !== right) yield [where, left, right];
}

function isMapping(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
