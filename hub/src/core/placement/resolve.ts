import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import type { Cluster, ExcludingTerm } from '@flotilla/shared/model';
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
import { pickClusters, rankedForPick } from './pick.ts';
import { type ResolvedSelector, resolveSelector } from './resolve-selector.ts';
import type { Exclusion, ResolvedPlacement, ResolvedPlacements } from './resolved.ts';
import { takeOverErrors } from './take-overs.ts';

/** What placements refer to, by name; built once for a spec. */
interface SpecBook {
  readonly groups: ReadonlyMap<string, ClusterGroupSpec>;
  readonly sources: ReadonlyMap<string, SourceSpec>;
  readonly strategies: StrategyBook;
  readonly dependencyErrors: ReadonlyMap<string, readonly LocatedError[]>;
  readonly takeOverErrors: ReadonlyMap<string, readonly LocatedError[]>;
  /** Mistakes that concern every placement: parts of the fleet policy that cannot be kept yet. */
  readonly policyErrors: readonly LocatedError[];
  readonly windows: readonly {
    readonly clusters: ResolvedSelector | undefined;
    readonly error: LocatedError;
  }[];
}

/**
 * Which placements go where. Pure, and equal for any order of `clusters`. `runningOf` says who runs a placement now; it
 * counts only for those that pick some of their clusters. What an earlier resolution (`before`) came to is taken over where
 * nothing that it rests on is another object: so a commit that touches one placement costs one, and what is the same is
 * the same object.
 */
export function resolvePlacements(
  spec: FleetSpec,
  clusters: Iterable<Cluster>,
  runningOf: (placement: PlacementName) => ReadonlySet<ClusterUid> = () => nobody,
  before?: ResolvedPlacements,
): ResolvedPlacements {
  const seen = asRulesSee(spec, clusters);
  const known = before !== undefined && areSameClusters(before.clusters, seen) ? before.clusters : seen;
  const book = bookOf(spec);
  const isSameBook = before !== undefined && before.clusters === known && isSameBookOf(before.spec, spec);
  const earlier = new Map(isSameBook ? before.placements.map((one) => [one.spec, one]) : []);
  return {
    spec,
    clusters: known,
    placements: spec.placements.map((one) => {
      const same = earlier.get(one);
      const isSame = same !== undefined && isSettled(same, book);
      return isSame ? same : resolveOne(one, known, { ...book, runningOf });
    }),
  };
}

/** Whether an earlier resolution of the same document holds: a pick and a circle of dependencies may come out otherwise. */
function isSettled(placement: ResolvedPlacement, book: SpecBook): boolean {
  const { name, pick } = placement.spec;
  const isInCircle = book.dependencyErrors.has(name) || book.takeOverErrors.has(name);
  return pick === undefined && placement.errors.length === 0 && !isInCircle;
}

/** Whether all that placements refer to is the same: only placements differ, if anything does. */
function isSameBookOf(before: FleetSpec, after: FleetSpec): boolean {
  return (
    isSameList(before.groups, after.groups) &&
    isSameList(before.sources, after.sources) &&
    isSameList(before.strategies, after.strategies) &&
    isSameList(before.policies, after.policies) &&
    isSameList(before.windows, after.windows) &&
    isSameList(before.checks, after.checks)
  );
}

/** Documents are applied to clusters anew each time: what they are made of says whether they are the same. */
function areSameClusters(before: readonly Cluster[], after: readonly Cluster[]): boolean {
  return (
    before.length === after.length &&
    before.every((one, index) => {
      const other = after[index];
      if (one === other || other === undefined) return one === other;
      const keys = Object.keys({ ...one, ...other }) as (keyof Cluster)[];
      return keys.every((key) => one[key] === other[key]);
    })
  );
}

function isSameList(before: readonly unknown[], after: readonly unknown[]): boolean {
  return before.length === after.length && before.every((one, index) => one === after[index]);
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
    (taint): ExcludingTerm => ({
      code: 'Tainted',
      subject: cluster.name,
      text: `taint ${taint.key} is not in tolerate`,
      change: `add ${taint.key} to clusters.tolerate, or take the taint off ${cluster.name}`,
    }),
  );
  const terms = [...mismatches(placement.selector, cluster), ...taints];
  const reasons = terms.length > 0 ? terms : notPicked(placement, cluster);
  if (reasons.length === 0) return undefined;
  return { placement: placement.spec.name, cluster: cluster.uid, reasons };
}

function notPicked(placement: ResolvedPlacement, cluster: Cluster): readonly ExcludingTerm[] {
  const { matched, pickedFrom, selected, spec } = placement;
  if (spec.pick === undefined || matched.some((one) => one.uid === cluster.uid)) return [];
  const { count, spreadBy } = spec.pick;
  const ranked = rankedForPick(selected, spec.pick, { placement: spec.name, running: pickedFrom ?? nobody });
  const rank = ranked.findIndex((one) => one.uid === cluster.uid) + 1;
  const spread = spreadBy === undefined ? '' : `, spread by ${spreadBy}`;
  const place =
    rank === 0 ? `${cluster.name} is cordoned` : `${cluster.name} is number ${rank} of ${ranked.length}`;
  const taken = matched.map((one) => one.name).join(', ');
  const text = `pick takes ${count} clusters${spread}: ${taken}; ${place}`;
  const change =
    rank === 0
      ? `uncordon ${cluster.name}`
      : `raise clusters.pick.count to ${rank}, or leave clusters before it out by clusters.exclude`;
  return [{ code: 'NotPicked', subject: cluster.name, text, change }];
}

function bookOf(spec: FleetSpec): SpecBook {
  const groups = new Map(spec.groups.map((one) => [one.name, one]));
  return {
    groups,
    sources: new Map(spec.sources.map((one) => [one.name, one])),
    strategies: strategyBook(spec, groups),
    dependencyErrors: dependencyErrors(spec.placements),
    takeOverErrors: takeOverErrors(spec.placements),
    policyErrors: spec.policies.flatMap((one) => one.unsupported),
    windows: spec.windows.flatMap((window) => {
      const clusters = window.clusters === undefined ? undefined : resolveSelector(window.clusters, groups);
      const mistakes = [...window.unsupported, ...(clusters?.errors ?? [])];
      return mistakes.map((error) => ({ clusters, error }));
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
    ...(book.takeOverErrors.get(spec.name) ?? []),
    ...book.policyErrors,
    ...windowErrors(matched, book),
  ];
  return {
    spec,
    selector,
    overrides: overrides.map((one) => one.override),
    source,
    strategy: strategy.strategy,
    selected,
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
