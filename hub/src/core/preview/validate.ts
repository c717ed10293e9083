import type { Cluster } from '@flotilla/shared/model';
import {
  compareLocated,
  didYouMean,
  type FleetSpec,
  judgeFiles,
  type LocatedError,
  type SeenFile,
} from '../fleet-spec/index.ts';
import {
  type ResolvedPlacement,
  resolvePlacements,
  resolveSelector,
  strategyBook,
} from '../placement/index.ts';
import { releaseOf } from '../release/index.ts';
import { type RepositoryState, seenFilesOf, textsOf } from './repository-state.ts';
import { isOfControl, snapshotFor, thisRepository, unknownCommit } from './sources.ts';
import { type LocatedWarning, warningsFor } from './warnings.ts';

/** What is to be said of a state of a control repository. Errors and warnings are sorted. */
export interface Validation {
  /** The rules that it comes to, as far as they can be read. */
  readonly spec: FleetSpec;
  /** Documents by kind. */
  readonly documents: { readonly [kind: string]: number };
  /** What the hub would not take, or could not place. */
  readonly errors: readonly LocatedError[];
  /** What it takes, though probably nobody means it. */
  readonly warnings: readonly LocatedWarning[];
}

/**
 * All mistakes of a state at once: of each file by the parser that the hub has, names that are used twice, names that lead
 * nowhere, and paths of this repository. `clusters` = the fleet, if it is known: then also what no cluster fits.
 */
export function validateState(state: RepositoryState, clusters?: readonly Cluster[]): Validation {
  const seen = seenFilesOf(state, new Set());
  const judged = judgeFiles(undefined, seen, { commit: unknownCommit.id, isAccepted: true });
  if (!judged.ok) return refused(seen, judged.error);
  const { spec } = judged.value;
  const resolved = resolvePlacements(spec, clusters ?? []);
  const errors = [
    ...judged.value.errors,
    ...resolved.placements.flatMap((one) => one.errors),
    ...resolved.placements.flatMap((one) => contentErrors(spec, one, state)),
    ...referenceErrors(spec),
  ];
  return {
    spec,
    documents: countDocuments(seen),
    errors: distinct(errors),
    warnings: warningsFor(resolved, clusters !== undefined),
  };
}

function refused(seen: ReadonlyMap<string, SeenFile>, { text }: { readonly text: string }): Validation {
  const [file = ''] = seen.keys();
  const error = { file, line: 1, column: 1, code: 'LIMIT', text } as const;
  const spec = judgeFiles(undefined, new Map(), { commit: unknownCommit.id, isAccepted: true });
  if (!spec.ok) throw new TypeError('no files are no mistake');
  return { spec: spec.value.spec, documents: countDocuments(seen), errors: [error], warnings: [] };
}

function countDocuments(seen: ReadonlyMap<string, SeenFile>): { readonly [kind: string]: number } {
  const kinds = [...seen.values()].flatMap(({ parsed }) => parsed.documents.map(({ kind }) => kind)).sort();
  return Object.fromEntries([...Map.groupBy(kinds, (kind) => kind)].map(([kind, all]) => [kind, all.length]));
}

/** Whether the paths of a placement are there, and what their kustomization files need. */
function contentErrors(
  spec: FleetSpec,
  placement: ResolvedPlacement,
  state: RepositoryState,
): readonly LocatedError[] {
  if (!isOfControl(placement.spec)) return [];
  const control = { ...thisRepository, tree: state.tree };
  const step = releaseOf(placement, snapshotFor(spec, placement.spec, control), textsOf(state));
  return step.kind === 'failed' ? step.errors : [];
}

/** What documents name that no placement asks for (yet), and parts of documents that cannot be done. */
function referenceErrors(spec: FleetSpec): readonly LocatedError[] {
  const groups = new Map(spec.groups.map((one) => [one.name, one]));
  const { byName, defaultName } = strategyBook(spec, groups);
  const strategies = spec.strategies.flatMap((one) => byName.get(one.name)?.errors ?? []);
  const windows = spec.windows.flatMap((one) =>
    one.clusters === undefined ? [] : resolveSelector(one.clusters, groups).errors,
  );
  const isDefaultUnknown = defaultName !== undefined && !byName.has(defaultName.name);
  const defaults = isDefaultUnknown ? [unknown('RolloutStrategy', defaultName, byName.keys())] : [];
  const names = spec.placements.map((one) => one.name);
  const tests = spec.tests.flatMap((one) =>
    one.expect
      .filter(({ placement }) => !names.some((name) => name === placement.name))
      .map(({ placement }) => unknown('Placement', placement, names)),
  );
  const documents = [spec.groups, spec.sources, spec.checks, spec.policies, spec.windows, spec.clusters];
  return [
    ...strategies,
    ...windows,
    ...defaults,
    ...tests,
    ...documents.flatMap((all) => all.flatMap((one) => one.unsupported)),
  ];
}

function unknown(
  kind: string,
  { at, name }: { readonly at: Pick<LocatedError, 'column' | 'file' | 'line'>; readonly name: string },
  known: Iterable<string>,
): LocatedError {
  const text = `there is no ${kind} ${JSON.stringify(name)}${didYouMean(name, known)}`;
  return { ...at, code: 'UNKNOWN_REFERENCE', text };
}

function distinct(errors: readonly LocatedError[]): readonly LocatedError[] {
  const sorted = [...errors].sort(compareLocated);
  return sorted.filter((one, index) => {
    const before = sorted[index - 1];
    return before === undefined || compareLocated(before, one) !== 0;
  });
}
