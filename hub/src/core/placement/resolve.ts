import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import type { Cluster, Reasoned } from '@flotilla/shared/model';
import {
  type ClusterGroupSpec,
  type ClusterSpec,
  compareLocated,
  didYouMean,
  type FleetSpec,
  type LocatedError,
  type PlacementSpec,
  type SourceSpec,
} from '../fleet-spec/index.ts';
import { dependencyErrors } from './dependencies.ts';
import { type StrategyBook, strategyBook, strategyOf } from './find-strategy.ts';
import { matches, mismatches } from './match.ts';
import { pickClusters } from './pick.ts';
import { type ResolvedSelector, resolveSelector } from './resolve-selector.ts';
import type { Exclusion, ResolvedPlacement, ResolvedPlacements } from './resolved.ts';

/** What placements refer to, by name; built once for a spec. */
interface SpecBook {
  readonly groups: ReadonlyMap<string, ClusterGroupSpec>;
  readonly sources: ReadonlyMap<string, SourceSpec>;
  readonly strategies: StrategyBook;
  readonly dependencyErrors: ReadonlyMap<string, readonly LocatedError[]>;
  /** Mistakes that concern every placement: parts of the fleet policy that cannot be kept yet. */
  readonly policyErrors: readonly LocatedError[];
  readonly windows: readonly {
    readonly clusters: ResolvedSelector | undefined;
    readonly error: LocatedError;
  }[];
}

/**
 * Which placements go where. Pure, and equal for any order of `clusters`. `runningOf` says who runs a placement now; it
 * counts only for those that pick some of their clusters.
 */
export function resolvePlacements(
  spec: FleetSpec,
  clusters: Iterable<Cluster>,
  runningOf: (placement: PlacementName) => ReadonlySet<ClusterUid> = () => nobody,
): ResolvedPlacements {
  const known = asRulesSee(spec, clusters);
  const book = bookOf(spec);
  return {
    clusters: known,
    placements: spec.placements.map((one) => resolveOne(one, known, { ...book, runningOf })),
  };
}

/** Clusters with their documents in Git applied, sorted by name. A document replaces labels, taints and cordon as a whole. */
export function asRulesSee(spec: FleetSpec, clusters: Iterable<Cluster>): readonly Cluster[] {
  const documents = new Map<string, ClusterSpec>(spec.clusters.map((one) => [one.name, one]));
  return [...clusters]
    .map((cluster) => {
      const document = documents.get(cluster.name);
      if (document === undefined) return cluster;
      const { labels, taints, isCordoned } = document;
      return { ...cluster, labels, taints, isCordoned };
    })
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** Why a placement does not go to a cluster: one reason for each term that says no; undefined = it does. */
export function excludedBy(placement: ResolvedPlacement, cluster: Cluster): Exclusion | undefined {
  const taints = untolerated(placement.spec, cluster).map(
    (taint): Reasoned => ({
      code: 'Tainted',
      subject: cluster.name,
      text: `taint ${taint.key} is not in tolerate`,
    }),
  );
  const terms = [...mismatches(placement.selector, cluster), ...taints];
  const reasons = terms.length > 0 ? terms : notPicked(placement, cluster);
  if (reasons.length === 0) return undefined;
  return { placement: placement.spec.name, cluster: cluster.uid, reasons };
}

function notPicked({ matched, spec }: ResolvedPlacement, cluster: Cluster): readonly Reasoned[] {
  if (spec.pick === undefined || matched.some((one) => one.uid === cluster.uid)) return [];
  const spread = spec.pick.spreadBy === undefined ? '' : `, spread by ${spec.pick.spreadBy}`;
  const text = `pick takes ${spec.pick.count} clusters${spread}: ${matched.map((one) => one.name).join(', ')}`;
  return [{ code: 'NotPicked', subject: cluster.name, text }];
}

function bookOf(spec: FleetSpec): SpecBook {
  const groups = new Map(spec.groups.map((one) => [one.name, one]));
  return {
    groups,
    sources: new Map(spec.sources.map((one) => [one.name, one])),
    strategies: strategyBook(spec, groups),
    dependencyErrors: dependencyErrors(spec.placements),
    policyErrors: spec.policies.flatMap((one) => one.unsupported),
    windows: spec.windows.flatMap((window) => {
      const clusters = window.clusters === undefined ? undefined : resolveSelector(window.clusters, groups);
      return window.unsupported.map((error) => ({ clusters, error }));
    }),
  };
}

const nobody: ReadonlySet<ClusterUid> = new Set();

interface Resolving extends SpecBook {
  readonly runningOf: (placement: PlacementName) => ReadonlySet<ClusterUid>;
}

function resolveOne(spec: PlacementSpec, clusters: readonly Cluster[], book: Resolving): ResolvedPlacement {
  const { selector, errors: selectorErrors } = resolveSelector(spec.clusters, book.groups);
  const selected = clusters.filter((one) => matches(selector, one) && untolerated(spec, one).length === 0);
  const pickedFrom = spec.pick && book.runningOf(spec.name);
  const matched =
    spec.pick && pickedFrom
      ? pickClusters(selected, spec.pick, { placement: spec.name, running: pickedFrom })
      : selected;
  const overrides = spec.overrides.map((one) => {
    const resolved = resolveSelector(one.clusters, book.groups);
    return { override: { ...one, clusters: resolved.selector }, errors: resolved.errors };
  });
  const source = spec.source.repo === undefined ? undefined : book.sources.get(spec.source.repo.name);
  const strategy = strategyOf(spec, matched, book.strategies);
  const errors = [
    ...spec.unsupported,
    ...selectorErrors,
    ...overrides.flatMap((one) => one.errors),
    ...sourceErrors(spec, source, book),
    ...strategy.errors,
    ...(book.dependencyErrors.get(spec.name) ?? []),
    ...book.policyErrors,
    ...windowErrors(matched, book),
  ];
  return {
    spec,
    selector,
    overrides: overrides.map((one) => one.override),
    source,
    strategy: strategy.strategy,
    matched,
    pickedFrom,
    errors: errors.sort(compareLocated),
  };
}

function sourceErrors(
  spec: PlacementSpec,
  source: SourceSpec | undefined,
  book: SpecBook,
): readonly LocatedError[] {
  if (source !== undefined) return source.unsupported;
  if (spec.source.repo === undefined) return [];
  const { name, at } = spec.source.repo;
  const text = `there is no Source ${JSON.stringify(name)}${didYouMean(name, book.sources.keys())}`;
  return [{ ...at, code: 'UNKNOWN_REFERENCE', text }];
}

/** A window that cannot be kept must not be ignored: it holds what it is about. */
function windowErrors(matched: readonly Cluster[], book: SpecBook): readonly LocatedError[] {
  return book.windows
    .filter(
      ({ clusters }) => clusters === undefined || matched.some((one) => matches(clusters.selector, one)),
    )
    .map(({ error }) => error);
}

function untolerated(spec: PlacementSpec, cluster: Cluster): Cluster['taints'] {
  return cluster.taints.filter((taint) => !spec.tolerate.includes(taint.key));
}
