import type { DocumentName, FleetSpec, Location, SelectorSpec } from '../fleet-spec/index.ts';
import {
  builtInStrategies,
  matches,
  type ResolvedPlacement,
  type ResolvedPlacements,
} from '../placement/index.ts';

/** Something in a file that is taken, though probably nobody means it. */
export interface LocatedWarning extends Location {
  readonly code: 'UNUSED' | 'MATCHES_NOTHING' | 'NO_LAST_STAGE';
  readonly text: string;
  readonly document: DocumentName;
}

/** What is odd about rules; `isFleetKnown` = the clusters are the fleet, so that it means something when none fits. */
export function warningsFor(
  { placements, spec }: ResolvedPlacements,
  isFleetKnown: boolean,
): readonly LocatedWarning[] {
  return [
    ...unusedDocuments(spec),
    ...spec.strategies.flatMap(lastStage),
    ...(isFleetKnown ? placements.flatMap(emptyMatches) : []),
  ].sort(compareWarnings);
}

function unusedDocuments(spec: FleetSpec): readonly LocatedWarning[] {
  const used = usedNames(spec);
  const kinds = [
    ['Source', spec.sources],
    ['ClusterGroup', spec.groups],
    ['Check', spec.checks],
    ['RolloutStrategy', spec.strategies],
  ] as const;
  return kinds.flatMap(([kind, documents]) =>
    documents
      .filter(({ name }) => !used.has(`${kind} ${name}`))
      .map(({ at, name }) => ({
        ...at,
        code: 'UNUSED' as const,
        text: `nothing names ${kind} ${name}`,
        document: { kind, name },
      })),
  );
}

function usedNames(spec: FleetSpec): ReadonlySet<string> {
  const selectors: readonly (SelectorSpec | undefined)[] = [
    ...spec.placements.flatMap((one) => [one.clusters, ...one.overrides.map(({ clusters }) => clusters)]),
    ...spec.strategies.flatMap((one) =>
      one.stages.map(({ select }) => (select.kind === 'selector' ? select.selector : undefined)),
    ),
    ...spec.windows.map((one) => one.clusters),
  ];
  const strategies = [
    ...spec.placements.map((one) => one.strategy),
    ...spec.policies.map((one) => one.defaultStrategy),
  ];
  return new Set([
    ...selectors.flatMap((one) => (one?.group === undefined ? [] : [`ClusterGroup ${one.group.name}`])),
    ...strategies.flatMap((one) => (one === undefined ? [] : [`RolloutStrategy ${one.name}`])),
    // A document of a built-in's name replaces it for everybody who names it.
    ...builtInStrategies.map(({ name }) => `RolloutStrategy ${name}`),
    ...spec.placements.flatMap(({ source }) =>
      source.repo === undefined ? [] : [`Source ${source.repo.name}`],
    ),
    ...spec.strategies.flatMap((one) =>
      one.stages.flatMap(({ checks }) => checks.map(({ name }) => `Check ${name}`)),
    ),
  ]);
}

/** Who fits no stage is not left out, but comes last. */
function lastStage({ at, name, stages }: FleetSpec['strategies'][number]): readonly LocatedWarning[] {
  if (stages.some(({ select }) => select.kind === 'remaining')) return [];
  const last = stages.at(-1)?.name ?? '';
  const text = `no stage of strategy ${name} takes the remaining clusters: those that no stage takes come last, in the shape of stage ${last}; add a stage with remaining: true to say how`;
  return [{ ...at, code: 'NO_LAST_STAGE', text, document: { kind: 'RolloutStrategy', name } }];
}

function emptyMatches({ matched, overrides, spec }: ResolvedPlacement): readonly LocatedWarning[] {
  const document = { kind: 'Placement', name: spec.name };
  const nothing = (at: Location, text: string): LocatedWarning => ({
    ...at,
    code: 'MATCHES_NOTHING',
    text,
    document,
  });
  if (matched.length === 0) return [nothing(spec.clusters.at, `placement ${spec.name} goes to no cluster`)];
  return overrides
    .filter((one) => !matched.some((cluster) => matches(one.clusters, cluster)))
    .map(({ at }) => nothing(at, `this override takes no cluster of placement ${spec.name}`));
}

function compareWarnings(left: LocatedWarning, right: LocatedWarning): number {
  const [one, other] = [left, right].map(({ file, text }) => `${file} ${text}`) as [string, string];
  const order = left.file === right.file ? left.line - right.line || left.column - right.column : 0;
  if (order !== 0) return order;
  return one < other ? -1 : Number(one > other);
}
