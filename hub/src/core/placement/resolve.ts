import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import type { Cluster, ClusterSelector } from '@flotilla/shared/model';
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
import { CelReader } from './cel-reader.ts';
import { dependencyErrors } from './dependencies.ts';
import { type StrategyBook, strategyBook, strategyOf } from './find-strategy.ts';
import { isSameMatch, type SelectedClusters, selectClusters } from './keep-match.ts';
import { factRulesOf, mayMatch } from './match.ts';
import { pickClusters } from './pick.ts';
import { type ResolvedSelector, resolveSelector } from './resolve-selector.ts';
import type { PreviousMatch, ResolvedPlacement, ResolvedPlacements } from './resolved.ts';
import { areSameButFacts, isSameList, sameClusters } from './same-clusters.ts';
import { takeOverErrors } from './take-overs.ts';
import { untolerated } from './why-not.ts';

/** What placements refer to, by name; built once for a spec. */
interface SpecBook {
  readonly reader: CelReader;
  /** What was selected so far, by what was asked for. */
  readonly selections: Map<string, SelectedClusters>;
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
 * Which placements go where. Pure, and equal for any order of `clusters`. `previousOf` says who has a placement now; it
 * counts only for those that pick some of their clusters or look at facts. What an earlier resolution (`before`) came to is taken over where
 * nothing that it rests on is another object: so a commit that touches one placement costs one, and what is the same is
 * the same object.
 */
export function resolvePlacements(
  spec: FleetSpec,
  clusters: Iterable<Cluster>,
  previousOf: (placement: PlacementName) => PreviousMatch = () => noMatch,
  before?: ResolvedPlacements,
): ResolvedPlacements {
  const reader = before?.reader ?? new CelReader();
  const known = sameClusters(before?.clusters ?? [], asRulesSee(spec, clusters));
  const book = bookOf(spec, reader);
  const isSameBook =
    before !== undefined && areSameButFacts(before.clusters, known) && isSameBookOf(before.spec, spec);
  const earlier = new Map(isSameBook ? before.placements.map((one) => [one.spec, one]) : []);
  return {
    spec,
    reader,
    clusters: known,
    placements: spec.placements.map((one) => {
      const same = earlier.get(one);
      const isAsked = same !== undefined && (known === before?.clusters || !same.readsFacts);
      const isSame = isAsked && isSettled(same, book, previousOf);
      return isSame ? same : resolveOne(one, known, { ...book, previousOf });
    }),
  };
}

/**
 * Whether an earlier resolution of the same document holds: a pick and a circle of dependencies may come out otherwise, and
 * so may facts, once others have the placement.
 */
function isSettled(
  placement: ResolvedPlacement,
  book: SpecBook,
  previousOf: (placement: PlacementName) => PreviousMatch,
): boolean {
  const { name, pick } = placement.spec;
  const isInCircle = book.dependencyErrors.has(name) || book.takeOverErrors.has(name);
  const { previous } = placement;
  return (
    pick === undefined &&
    placement.errors.length === 0 &&
    !isInCircle &&
    (previous === undefined || isSameMatch(previous, previousOf(name)))
  );
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

function bookOf(spec: FleetSpec, reader: CelReader): SpecBook {
  const groups = new Map(spec.groups.map((one) => [one.name, one]));
  return {
    reader,
    selections: new Map(),
    groups,
    sources: new Map(spec.sources.map((one) => [one.name, one])),
    strategies: strategyBook(spec, groups, reader),
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

const noMatch: PreviousMatch = { running: nobody, planned: nobody };

/** The clusters that a placement selects and tolerates. Of rules that look at no facts, those that ask for the same get the same list. */
function selectedBy(
  about: {
    readonly spec: PlacementSpec;
    readonly selector: ClusterSelector;
    readonly clusters: readonly Cluster[];
  },
  { reader, selections }: SpecBook,
  previousOf: () => PreviousMatch,
): SelectedClusters {
  const { clusters, selector, spec } = about;
  const key = JSON.stringify([selector, spec.tolerate]);
  const before = selections.get(key);
  if (before !== undefined) return before;
  const tolerated = clusters.filter((one) => untolerated(spec, one).length === 0);
  const made = selectClusters(selector, tolerated, { reader, previousOf });
  if (made.previous === undefined) selections.set(key, made);
  return made;
}

interface Resolving extends SpecBook {
  readonly previousOf: (placement: PlacementName) => PreviousMatch;
}

function resolveOne(spec: PlacementSpec, clusters: readonly Cluster[], book: Resolving): ResolvedPlacement {
  const { selector, errors: selectorErrors } = resolveSelector(spec.clusters, book.groups);
  const previousOf = () => book.previousOf(spec.name);
  const { kept, previous, selected } = selectedBy({ spec, selector, clusters }, book, previousOf);
  const pickedFrom = spec.pick && previousOf().running;
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
  const isAboutFacts = (one: ClusterSelector) => factRulesOf(one, book.reader).length > 0;
  const rules = [selector, ...overrides.map((one) => one.override.clusters), ...strategy.selectors];
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
    previous,
    kept,
    readsFacts: rules.some(isAboutFacts),
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
      ({ clusters }) =>
        clusters === undefined || matched.some((one) => mayMatch(clusters.selector, one, book.reader)),
    )
    .map(({ error }) => error);
}
