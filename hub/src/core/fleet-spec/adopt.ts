import type { GitId, Result } from '@flotilla/shared/base';
import type { CommitInfo, ControlAdopted, Reasoned } from '@flotilla/shared/model';
import type { LocatedError } from './located-error.ts';
import type { FleetSpec, ParsedFile } from './model.ts';

/** A file at the commit that is looked at. */
export interface SeenFile {
  readonly blob: GitId;
  readonly parsed: ParsedFile;
}

/** What is in force, with its files parsed again from the blobs that the adoption names. */
export interface ControlInForce {
  readonly adopted: ControlAdopted;
  readonly files: ReadonlyMap<string, SeenFile>;
}

/** What came of looking at the files of one commit. */
export interface JudgedFiles {
  /** In force from now on, by path. */
  readonly files: ReadonlyMap<string, SeenFile>;
  readonly spec: FleetSpec;
  /** Paths whose state at the commit is not in force, with the reason. */
  readonly broken: ReadonlyMap<string, LocatedError>;
  /** All mistakes, sorted. */
  readonly errors: readonly LocatedError[];
}

/**
 * Decides file by file what is in force: a file that does not parse, clashes with another, or takes documents away
 * while any file does not parse keeps its previous blob. Held (an error) when all documents are gone at once.
 */
export function judgeFiles(
  _previous: ControlInForce | undefined,
  _seen: ReadonlyMap<string, SeenFile>,
  _isAccepted: boolean,
): Result<JudgedFiles, Reasoned> {
  throw new Error('being built');
}

/** One followed ref of a source, as it was found. */
export interface SeenRef {
  /** Undefined = the ref could not be resolved or read; `problem` says why. */
  readonly commit: CommitInfo | undefined;
  readonly problem: string;
  /** Whether the commit adopted before is an ancestor; `unknown` counts as no. */
  readonly isFastForward: 'yes' | 'no' | 'unknown';
}

/** What there is to decide about. */
export interface ControlSeen {
  readonly commit: CommitInfo;
  readonly ref: string;
  readonly isFastForward: 'yes' | 'no' | 'unknown';
  readonly files: JudgedFiles;
  /** By `source ref`: one for each that `followedRefs` names. */
  readonly sources: ReadonlyMap<string, SeenRef>;
  /** Commits that a person accepted, by source name. */
  readonly accepted: ReadonlyMap<string, ReadonlySet<GitId>>;
}

/** Whether a new state of Git comes into force. */
export type ControlVerdict =
  | { readonly kind: 'adopt'; readonly decision: ControlAdopted; readonly held: readonly Reasoned[] }
  | { readonly kind: 'held'; readonly held: readonly Reasoned[] }
  | { readonly kind: 'unchanged'; readonly held: readonly Reasoned[] };

/** Decides whether what was seen comes into force. A rewritten branch is held until a person accepts its commit. */
export function adoptControl(_previous: ControlAdopted | undefined, _seen: ControlSeen): ControlVerdict {
  throw new Error('being built');
}

/** The refs that placements need besides the control repository's own: `source ref` keys and their parts, sorted. */
export function followedRefs(_spec: FleetSpec): readonly FollowedRef[] {
  throw new Error('being built');
}

/** One ref of one source. */
export interface FollowedRef {
  /** `source ref`, the key in ControlAdopted.sources. */
  readonly key: string;
  /** Name of a Source; `control` = the control repository. */
  readonly source: string;
  readonly ref: string;
}
