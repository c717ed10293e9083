import { err, type GitId, ok, type Result } from '@flotilla/shared/base';
import type { CommitInfo, ControlAdopted, Reasoned, Release } from '@flotilla/shared/model';
import {
  absentPlacement,
  adoptionOf,
  type ControlInForce,
  type ControlSnapshot,
  changeWindows,
  type DesiredPlacement,
  desiredPlacement,
  type FleetSpec,
  heirsOf,
  judgeFiles,
  type LocatedError,
  type PlacementSpec,
  type PlanSide,
  previousMatch,
  type ResolvedPlacement,
  releaseOf,
  resolvePlacements,
  type SourceSnapshot,
  snapshotFor,
  sourceKeyOf,
  specOf,
  unresolvedBy,
  windowRules,
} from '../core/index.ts';
import type { GitPort, GitRemote } from '../ports.ts';
import type { ControlFiles } from './control-files.ts';
import type { Fleet } from './fleet.ts';
import { controlSource } from './remotes.ts';
import type { SnapshotWanted, SourceSnapshots } from './source-snapshots.ts';

/** What a state of Git is read with; nothing of it decides or writes anything. */
export interface SideDeps {
  readonly fleet: Fleet;
  readonly files: ControlFiles;
  readonly snapshots: SourceSnapshots;
  readonly git: GitPort;
  readonly remote: GitRemote;
  readonly ref: string;
}

/** What is in force, as the last looks at it came out. */
export async function sideInForce(
  { fleet, remote, snapshots }: SideDeps,
  inForce: ControlInForce,
  signal: AbortSignal,
): Promise<PlanSide> {
  const { adopted } = inForce;
  const spec = specOf([...inForce.files.values()].map((file) => file.parsed));
  const { tree } = await snapshots.read(spec, controlAt(adopted.commit, remote.url), signal);
  const placements = [...fleet.snapshot.placements].map(
    ([name, known]) => [name, { spec: known.spec, desired: known.desired }] as const,
  );
  const known = { adopted: adoptionOf(adopted.commit), clusters: fleet.registered.size };
  const heirs = heirsOf(spec.placements);
  const isLookedAt = [...fleet.snapshot.placements.values()].every(
    ({ desired }) => desired.kind === 'unresolved' || desired.adoptedSeq >= fleet.control.adoptedSeq,
  );
  const assumptions = isLookedAt ? [] : ['this hub process is still looking at what came into force last'];
  return {
    commit: adopted.commit,
    tree,
    placements: new Map(placements),
    absentOf: (name) => absentPlacement(spec, { ...known, heirs: heirs.get(name) }),
    windows: changeWindows(windowRules(spec.windows, spec.groups)),
    errors: [],
    approvals: [],
    assumptions,
  };
}

/**
 * What a commit of the control repository would come to if it came into force now: a file that does not parse keeps its last good
 * state. Of other repositories only those are read that are in force as they are named here: whoever may write a branch
 * chooses no address that the hub dials.
 */
export async function sideOfCommit(
  deps: SideDeps,
  inForce: ControlInForce,
  head: GitId,
  signal: AbortSignal,
): Promise<PlanSide> {
  const { files, fleet, git, remote } = deps;
  const { adopted } = inForce;
  const { parents: _parents, tree: _tree, ...commit } = await git.readCommit(remote, head, signal);
  const seen = await files.readCommit(head, new Set(Object.keys(adopted.files)), signal);
  const judged = judgeFiles(inForce, seen, { commit: head, isAccepted: true });
  const spec = judged.ok ? judged.value.spec : specOf([...inForce.files.values()].map((file) => file.parsed));
  const known = [...fleet.registered.values()].map((one) => ({ ...one, facts: fleet.facts.get(one.uid) }));
  const resolved = resolvePlacements(spec, known, (name) => previousMatch(fleet.placementOf(name).state));
  const adoption = adoptionOf(commit);
  const clusters = resolved.clusters.length;
  const heirs = heirsOf(spec.placements);
  const fleetNow = { adopted: adoption, clusters };
  const control = await snapshotOf(deps, { spec, wanted: controlAt(commit, deps.ref) }, signal);
  const reading: Reading = { ...deps, spec, adopted, control, inForce, commit, assumptions: new Set() };
  const placements = new Map<PlacementSpec['name'], { spec: PlacementSpec; desired: DesiredPlacement }>();
  for (const placement of resolved.placements) {
    const release = await releaseFor(reading, placement, signal);
    const desired = release.ok
      ? desiredPlacement(spec, {
          ...fleetNow,
          placement,
          release: release.value,
          heirs: heirs.get(placement.spec.name),
        })
      : unresolvedBy(placement.spec, release.error);
    placements.set(placement.spec.name, { spec: placement.spec, desired });
  }
  return {
    commit,
    tree: control.tree,
    placements,
    absentOf: (name) => absentPlacement(spec, { ...fleetNow, heirs: heirs.get(name) }),
    windows: changeWindows(windowRules(spec.windows, spec.groups)),
    errors: judged.ok ? judged.value.errors : [{ ...nowhere, code: 'LIMIT', text: judged.error.text }],
    approvals: await approvalsFor(deps, adopted, { head, seen: seen.size }, signal),
    assumptions: [...reading.assumptions].sort(),
  };
}

const nowhere = { file: '.', line: 1, column: 1 } as const;

interface Reading extends SideDeps {
  readonly spec: FleetSpec;
  readonly adopted: ControlAdopted;
  readonly control: SourceSnapshot;
  readonly inForce: ControlInForce;
  readonly commit: CommitInfo;
  readonly assumptions: Set<string>;
}

async function releaseFor(
  reading: Reading,
  placement: ResolvedPlacement,
  signal: AbortSignal,
): Promise<Result<Release, readonly LocatedError[]>> {
  if (placement.errors.length > 0) return err(placement.errors);
  const wanted = wantedOf(reading, placement.spec);
  const source =
    wanted === undefined
      ? snapshotFor(reading.spec, placement.spec, reading.control satisfies ControlSnapshot)
      : await snapshotOf(reading, { spec: reading.spec, wanted }, signal);
  for (;;) {
    const step = releaseOf(placement, source, reading.snapshots.texts);
    if (step.kind === 'done') return ok(step.release);
    if (step.kind === 'failed') return err(step.errors);
    if (wanted === undefined) return err([]);
    await reading.snapshots.readTexts(reading.spec, wanted, step.blobs, signal);
  }
}

/** Which commit of which source to read; undefined = it is not in force like that, and nobody looks at it. */
function wantedOf(reading: Reading, placement: PlacementSpec): SnapshotWanted | undefined {
  const { adopted, commit, inForce, ref, spec } = reading;
  const key = sourceKeyOf(placement);
  if (key === undefined) return controlAt(commit, ref);
  const source = placement.source.repo?.name ?? controlSource;
  const known = adopted.sources[key];
  const old = specOf([...inForce.files.values()].map((file) => file.parsed));
  const isSame = source === controlSource || addressOf(old, source) === addressOf(spec, source);
  if (known !== undefined && isSame) return { source, ref: placement.source.ref ?? 'HEAD', commit: known };
  reading.assumptions.add(`the content of ${key} was not looked at: it is not in force yet`);
  return undefined;
}

function addressOf({ sources }: FleetSpec, name: string): string | undefined {
  const found = sources.find((one) => one.name === name);
  return found && JSON.stringify([found.url, found.credential, found.caBundlePem]);
}

function snapshotOf(
  { snapshots }: SideDeps,
  { spec, wanted }: { readonly spec: FleetSpec; readonly wanted: SnapshotWanted },
  signal: AbortSignal,
): Promise<SourceSnapshot> {
  return snapshots.read(spec, wanted, signal);
}

function controlAt(commit: CommitInfo, ref: string): SnapshotWanted {
  return { source: controlSource, ref, commit };
}

/** What a person is asked before the state as a whole comes into force. */
async function approvalsFor(
  { fleet, git, ref, remote }: SideDeps,
  adopted: ControlAdopted,
  { head, seen }: { readonly head: GitId; readonly seen: number },
  signal: AbortSignal,
): Promise<readonly Reasoned[]> {
  if (fleet.control.accepted.get(controlSource)?.has(head) === true) return [];
  const accept = `flotilla source accept ${controlSource} ${head}`;
  const approvals: Reasoned[] = [];
  if (seen === 0 && Object.keys(adopted.files).length > 0) {
    const text = `it holds no flotilla.dev document at all, though some are in force: ${accept}`;
    approvals.push({ code: 'Emptied', text, subject: controlSource });
  }
  const follows =
    adopted.commit.id === head ? 'yes' : await git.isAncestor(remote, adopted.commit.id, head, signal);
  if (follows !== 'yes') {
    const text = `it does not follow what is in force (or nobody can say): on ${ref} it would wait for: ${accept}`;
    approvals.push({ code: 'NotFastForward', text, subject: controlSource });
  }
  return approvals;
}
