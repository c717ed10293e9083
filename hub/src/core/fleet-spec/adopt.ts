import { type GitId, type Json, type Result, shortId, stableJson } from '@flotilla/shared/base';
import type { CommitInfo, ControlAdopted, Reasoned } from '@flotilla/shared/model';
import { controlSource } from './convert/index.ts';
import { brokenTexts, type JudgedFiles } from './judge-files.ts';
import type { FleetSpec, PlacementSpec } from './model.ts';

/** One ref of one source. */
export interface FollowedRef {
  /** `source ref`, the key in ControlAdopted.sources. */
  readonly key: string;
  /** Name of a Source; `control` = the control repository. */
  readonly source: string;
  readonly ref: string;
}

/** One followed ref as it was found. */
export interface SeenRef {
  /** Undefined = the ref could not be resolved or read; `problem` says why. */
  readonly commit: CommitInfo | undefined;
  readonly problem: string;
  /** Whether the commit adopted before is an ancestor of this one or the same; `unknown` counts as no. */
  readonly isFastForward: 'yes' | 'no' | 'unknown';
}

/** The control repository as it was found. */
export interface SeenControl {
  readonly commit: CommitInfo;
  readonly ref: string;
  readonly isFastForward: 'yes' | 'no' | 'unknown';
  readonly files: JudgedFiles;
}

/** What there is to decide about. */
export interface ControlSeen {
  /** Or why nothing new can come into force: it could not be read, or `judgeFiles` holds it. */
  readonly control: Result<SeenControl, Reasoned>;
  /** By `source ref`: what `followedRefs` names. What is not here stays as it is. */
  readonly sources: ReadonlyMap<string, SeenRef>;
  /** Commits that a person accepted, by source name. */
  readonly accepted: ReadonlyMap<string, ReadonlySet<GitId>>;
}

/** Whether a new state of Git comes into force, and what of it is held back. */
export type ControlVerdict =
  | { readonly kind: 'adopt'; readonly decision: ControlAdopted; readonly held: readonly Reasoned[] }
  | { readonly kind: 'unchanged'; readonly held: readonly Reasoned[] };

/**
 * Decides what of Git comes into force. A rewritten branch, of the control repository or of a source, is held until a
 * person accepts its commit; whatever is held or cannot be read keeps its last state.
 */
export function adoptControl(previous: ControlAdopted | undefined, seen: ControlSeen): ControlVerdict {
  const base = baseOf(previous, seen);
  if (base.value === undefined) return { kind: 'unchanged', held: base.held };
  const taken = [...seen.sources].map(([key, ref]) => {
    const isAccepted = (commit: GitId) => seen.accepted.get(sourceOf(key))?.has(commit) === true;
    return { key, ...takeRef({ key, before: previous?.sources[key], ref, isAccepted }) };
  });
  const unseen = base.value === previous ? Object.entries(previous.sources) : [];
  const sources = new Map(unseen);
  for (const { key, value } of taken) if (value !== undefined) sources.set(key, value);
  const sorted = [...sources].sort(([left], [right]) => (left < right ? -1 : 1));
  const decision: ControlAdopted = { ...base.value, sources: Object.fromEntries(sorted) };
  const held = [...base.held, ...taken.flatMap((one) => one.held)];
  const isSame = previous !== undefined && textOf(previous) === textOf(decision);
  return isSame ? { kind: 'unchanged', held } : { kind: 'adopt', decision, held };
}

/** What is in force, and why it is not what was seen. */
interface Taken<T> {
  readonly value: T | undefined;
  readonly held: readonly Reasoned[];
}

/** The control repository's part of the decision; the previous one itself when the new one is held. */
function baseOf(previous: ControlAdopted | undefined, seen: ControlSeen): Taken<ControlAdopted> {
  if (!seen.control.ok) return { value: previous, held: [seen.control.error] };
  const { commit, ref, isFastForward, files } = seen.control.value;
  const isHeld =
    previous !== undefined &&
    previous.commit.id !== commit.id &&
    isFastForward !== 'yes' &&
    seen.accepted.get(controlSource)?.has(commit.id) !== true;
  if (isHeld) {
    const move = { source: controlSource, ref, from: previous.commit.id, to: commit.id };
    return { value: previous, held: [rewritten(move, isFastForward)] };
  }
  const value: ControlAdopted = {
    kind: 'control-adopted',
    // What is known of a commit may grow with the program; that alone is nothing to adopt.
    commit: previous?.commit.id === commit.id ? previous.commit : commit,
    ref,
    files: Object.fromEntries([...files.files].map(([path, file]) => [path, file.blob])),
    broken: brokenTexts(files),
    sources: {},
  };
  return { value, held: [] };
}

/** The commit of one followed ref that is in force. */
function takeRef(input: {
  readonly key: string;
  readonly before: CommitInfo | undefined;
  readonly ref: SeenRef;
  readonly isAccepted: (commit: GitId) => boolean;
}): Taken<CommitInfo> {
  const { key, before, ref } = input;
  if (ref.commit === undefined) {
    const stays = before === undefined ? '' : `; commit ${shortId(before.id)} stays in force`;
    const text = `${ref.problem}${stays}`;
    return { value: before, held: [{ code: 'SourceUnavailable', subject: key, text }] };
  }
  if (before === undefined) return { value: ref.commit, held: [] };
  if (before.id === ref.commit.id) return { value: before, held: [] };
  if (ref.isFastForward === 'yes' || input.isAccepted(ref.commit.id)) return { value: ref.commit, held: [] };
  const source = sourceOf(key);
  const move = { source, ref: key.slice(source.length + 1), from: before.id, to: ref.commit.id };
  return { value: before, held: [rewritten(move, ref.isFastForward)] };
}

/** The source of a `source ref` key. */
function sourceOf(key: string): string {
  return key.slice(0, key.indexOf(' '));
}

function rewritten(
  move: { readonly source: string; readonly ref: string; readonly from: GitId; readonly to: GitId },
  isFastForward: 'yes' | 'no' | 'unknown',
): Reasoned {
  const what =
    isFastForward === 'no'
      ? `${move.ref} was rewritten: ${shortId(move.to)} does not follow ${shortId(move.from)}`
      : `it is not known whether ${shortId(move.to)} of ${move.ref} follows ${shortId(move.from)}`;
  return {
    code: 'NotFastForward',
    subject: move.source,
    text: `${what}; the last state stays until a person accepts it: flotilla source accept ${move.source} ${move.to}`,
  };
}

function textOf(decision: ControlAdopted): string {
  // Decisions are plain data of the model; every member is JSON.
  return stableJson(decision as unknown as Json);
}

/** Which key of ControlAdopted.sources a placement takes its content from; undefined = the control commit in force. */
export function sourceKeyOf(placement: PlacementSpec): string | undefined {
  const { repo, ref } = placement.source;
  if (repo === undefined) return ref === undefined ? undefined : `${controlSource} ${ref}`;
  return `${repo.name} ${ref ?? 'HEAD'}`;
}

/** The refs that placements need besides the control repository's own, sorted; only of sources that exist. */
export function followedRefs(spec: FleetSpec): readonly FollowedRef[] {
  const known = new Set([controlSource, ...spec.sources.map((one) => one.name)]);
  const keys = new Set<string>();
  for (const placement of spec.placements) {
    const isUsable = placement.unsupported.length === 0;
    const key = isUsable ? sourceKeyOf(placement) : undefined;
    if (key !== undefined) keys.add(key);
  }
  return [...keys].sort().flatMap((key) => {
    const source = sourceOf(key);
    return known.has(source) ? [{ key, source, ref: key.slice(source.length + 1) }] : [];
  });
}
