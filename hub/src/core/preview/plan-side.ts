import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import type { Cluster, CommitInfo, Reasoned } from '@flotilla/shared/model';
import {
  type FleetSpec,
  formatPlace,
  judgeFiles,
  type LocatedError,
  type PlacementSpec,
} from '../fleet-spec/index.ts';
import {
  heirsOf,
  type ResolvedPlacement,
  type ResolvedPlacements,
  resolvePlacements,
} from '../placement/index.ts';
import { releaseOf, type SourceTree } from '../release/index.ts';
import { type Adoption, absentPlacement, type DesiredPlacement, desiredPlacement } from '../rollout/index.ts';
import { type ChangeWindows, changeWindows, windowRules } from '../window/index.ts';
import { type RepositoryState, seenFilesOf, textsOf } from './repository-state.ts';
import { isOfControl, snapshotFor, thisRepository, unknownCommit } from './sources.ts';

/** A state of Git, down to what each cluster gets by it. */
export interface PlanSide {
  /** Undefined for a working tree. */
  readonly commit: CommitInfo | undefined;
  /** The control repository's own tree; undefined where it was not looked at. */
  readonly tree: SourceTree | undefined;
  readonly placements: ReadonlyMap<PlacementName, SidePlacement>;
  /** What is wanted of a placement that no file names. */
  readonly absentOf: (placement: PlacementName) => DesiredPlacement;
  /** When changes may begin by this state. */
  readonly windows: ChangeWindows;
  /** Mistakes that keep a file from coming into force. */
  readonly errors: readonly LocatedError[];
  /** What a person would be asked for before it comes into force. */
  readonly approvals: readonly Reasoned[];
  readonly assumptions: readonly string[];
}

/** One placement in a state of Git. */
export interface SidePlacement {
  /** Undefined once it left the repository. */
  readonly spec: PlacementSpec | undefined;
  readonly desired: DesiredPlacement;
}

/** What a state of Git is judged with. */
export interface SideOptions {
  readonly clusters: readonly Cluster[];
  readonly runningOf?: (placement: PlacementName) => ReadonlySet<ClusterUid>;
  readonly commit: CommitInfo | undefined;
}

/**
 * A state of a repository on this machine, as the hub would place it if nothing else were known. What does not parse is told
 * and has no earlier state to keep; content of other repositories is assumed to stay.
 */
export function planSide(state: RepositoryState, options: SideOptions): PlanSide {
  const seen = seenFilesOf(state, new Set());
  const commit = options.commit ?? unknownCommit;
  const judged = judgeFiles(undefined, seen, { commit: commit.id, isAccepted: true });
  const { tree } = state;
  if (!judged.ok) {
    const error = { file: '.', line: 1, column: 1, code: 'LIMIT', text: judged.error.text } as const;
    const absent = unresolvedBecause('LIMIT', judged.error.text);
    return {
      commit: options.commit,
      tree,
      placements: new Map(),
      absentOf: () => absent,
      windows: changeWindows([]),
      errors: [error],
      approvals: [],
      assumptions: [],
    };
  }
  const { spec, errors } = judged.value;
  const { clusters, runningOf = () => nobody } = options;
  const resolved = resolvePlacements(spec, clusters, (name) => ({
    running: runningOf(name),
    planned: nobody,
  }));
  const adopted = adoptionOf(commit);
  const texts = textsOf(state);
  const heirs = heirsOf(spec.placements);
  const placements = new Map(
    resolved.placements.map((placement) => {
      const desired = desiredOf(placement, { resolved, state, texts, adopted, heirs });
      return [placement.spec.name, { spec: placement.spec, desired }] as const;
    }),
  );
  const fleet = { adopted, clusters: resolved.clusters.length };
  return {
    commit: options.commit,
    tree,
    placements,
    absentOf: (name) => absentPlacement(spec, { ...fleet, heirs: heirs.get(name) }),
    windows: changeWindows(windowRules(spec.windows, spec.groups)),
    errors,
    approvals: [],
    assumptions: assumptionsOf(spec),
  };
}

/** What a state of Git wants of a placement. One that it does not name is gone, if all of that state can be read. */
export function wantedIn({ absentOf, errors, placements }: PlanSide, name: PlacementName): DesiredPlacement {
  const found = placements.get(name);
  if (found !== undefined) return found.desired;
  const [broken] = errors;
  if (broken === undefined) return absentOf(name);
  const text = `no file names it, but ${broken.file} cannot be read, so nothing is removed`;
  return unresolvedBecause('RemovalWaits', text, broken.file);
}

const nobody: ReadonlySet<ClusterUid> = new Set();

/** Who gets a placement by a state of Git: whom its pick finds running it, in a fleet at rest. */
export function runningBy(side: PlanSide): (placement: PlacementName) => ReadonlySet<ClusterUid> {
  return (placement) => {
    const desired = side.placements.get(placement)?.desired;
    return new Set(desired?.kind === 'release' ? desired.targets.keys() : []);
  };
}

/** A later adoption than any that a log holds. */
export function adoptionOf(commit: CommitInfo): Adoption {
  const event = { kind: 'control-adopted', commit, ref: '', files: {}, broken: {}, sources: {} } as const;
  return { event, seq: Number.MAX_SAFE_INTEGER };
}

function desiredOf(
  placement: ResolvedPlacement,
  about: {
    readonly resolved: ResolvedPlacements;
    readonly state: RepositoryState;
    readonly texts: ReturnType<typeof textsOf>;
    readonly adopted: Adoption;
    readonly heirs: ReturnType<typeof heirsOf>;
  },
): DesiredPlacement {
  const { adopted, heirs, resolved, state, texts } = about;
  if (placement.errors.length > 0) return unresolvedBy(placement.spec, placement.errors);
  const control = { ...thisRepository, commit: adopted.event.commit, tree: state.tree };
  const step = releaseOf(placement, snapshotFor(resolved.spec, placement.spec, control), texts);
  if (step.kind === 'failed') return unresolvedBy(placement.spec, step.errors);
  if (step.kind === 'need')
    return unresolvedBecause(
      'Unread',
      'kustomization files that it needs were not read',
      placement.spec.name,
    );
  const clusters = resolved.clusters.length;
  return desiredPlacement(resolved.spec, {
    placement,
    release: step.release,
    adopted,
    clusters,
    heirs: heirs.get(placement.spec.name),
  });
}

function unresolvedBecause(code: string, text: string, subject = 'control'): DesiredPlacement {
  return { kind: 'unresolved', reasons: [{ code, text, subject }] };
}

/** Why a placement with mistakes keeps its last state. */
export function unresolvedBy({ name }: PlacementSpec, errors: readonly LocatedError[]): DesiredPlacement {
  const reasons = errors.map((one) => ({
    code: one.code,
    text: `${formatPlace(one)} ${one.text}`,
    subject: name,
  }));
  return { kind: 'unresolved', reasons };
}

function assumptionsOf(spec: FleetSpec): readonly string[] {
  const others = spec.placements
    .filter((one) => !isOfControl(one))
    .map(
      ({ source }) =>
        `${source.repo?.name ?? 'the control repository'} at ${source.ref ?? 'its default branch'}`,
    );
  return [...new Set(others)]
    .sort()
    .map((one) => `the content of ${one} stays as it is: it was not looked at`);
}
