import type { Expectation, PlacementTestSpec, TestCluster } from '../model-test.ts';
import type { RawPlacementTest } from '../schema/index.ts';
import type { YamlPath } from '../yaml.ts';
import type { Reading } from './reading.ts';
import { toJsonText } from './to-json-text.ts';

type RawExpectation = RawPlacementTest['spec']['expect'][number];

/** Turns a test of placements into the model; complains of expectations that cannot hold or say nothing. */
export function toPlacementTest(raw: RawPlacementTest, reading: Reading): PlacementTestSpec {
  const { clusters, expect } = raw.spec;
  checkClusters(clusters ?? [], reading);
  const known = clusters && new Set<string>(clusters.map((one) => one.name));
  return {
    name: raw.metadata.name,
    at: reading.at([]),
    unsupported: reading.unsupported,
    clusters: clusters?.map(toTestCluster),
    expect: expect.map((one, index) => {
      const path = ['spec', 'expect', index];
      checkExpectation(one, path, reading);
      if (known !== undefined) checkNames(one, known, { path, reading });
      return toExpectation(one, path, reading);
    }),
  };
}

function toTestCluster(raw: NonNullable<RawPlacementTest['spec']['clusters']>[number]): TestCluster {
  return {
    name: raw.name,
    labels: raw.labels ?? {},
    taints: (raw.taints ?? []).map(({ key, value }) => ({ key, value: value ?? '' })),
    isCordoned: raw.cordon ?? false,
  };
}

function toExpectation(raw: RawExpectation, path: YamlPath, reading: Reading): Expectation {
  return {
    at: reading.at(path),
    placement: { name: raw.placement, at: reading.at([...path, 'placement']) },
    kind: kindOf(raw),
    clusters: raw.placed ?? raw.notPlaced ?? raw.exactly ?? [],
    reason: raw.reason,
    path: raw.path,
    namespace: raw.namespace,
    valuesJson: raw.values === undefined ? undefined : toJsonText(raw.values, [...path, 'values'], reading),
    variables: raw.variables,
    strategy: raw.strategy,
  };
}

function kindOf(raw: RawExpectation): Expectation['kind'] {
  if (raw.notPlaced !== undefined) return 'notPlaced';
  return raw.exactly === undefined ? 'placed' : 'exactly';
}

function checkClusters(clusters: readonly { readonly name: string }[], reading: Reading): void {
  for (const [index, { name }] of clusters.entries()) {
    if (clusters.slice(0, index).some((one) => one.name === name))
      reading.complain(
        'DUPLICATE_NAME',
        ['spec', 'clusters', index, 'name'],
        'is the name of an earlier cluster',
      );
  }
}

/** What only holds of a cluster that gets the placement. */
const ofPlaced = ['path', 'namespace', 'values', 'variables', 'strategy'] as const;

function checkExpectation(raw: RawExpectation, path: YamlPath, reading: Reading): void {
  const ways = [raw.placed, raw.notPlaced, raw.exactly].filter((one) => one !== undefined).length;
  if (ways !== 1)
    reading.complain(
      'CONTRADICTION',
      path,
      `needs exactly one of placed, notPlaced and exactly, has ${ways}`,
    );
  if (raw.reason !== undefined && raw.notPlaced === undefined)
    reading.complain('CONTRADICTION', [...path, 'reason'], 'is for clusters that do not get it (notPlaced)');
  for (const field of ofPlaced) {
    if (raw.notPlaced !== undefined && raw[field] !== undefined)
      reading.complain('CONTRADICTION', [...path, field], 'is for clusters that get it (placed, exactly)');
  }
}

/** A misspelt cluster would never get anything: such a test would pass for ever. */
function checkNames(
  raw: RawExpectation,
  known: ReadonlySet<string>,
  { path, reading }: { readonly path: YamlPath; readonly reading: Reading },
): void {
  for (const field of ['placed', 'notPlaced', 'exactly'] as const) {
    for (const [index, name] of (raw[field] ?? []).entries()) {
      if (!known.has(name))
        reading.complain('UNKNOWN_REFERENCE', [...path, field, index], 'is no cluster of spec.clusters');
    }
  }
}
