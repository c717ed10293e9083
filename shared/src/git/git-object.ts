import type { GitId } from '../base/index.ts';

/** The four kinds of Git objects. */
export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

/** True for the name of one of the four. */
export function isObjectType(text: string | undefined): text is ObjectType {
  return text === 'commit' || text === 'tree' || text === 'blob' || text === 'tag';
}

/** An object whose id was verified by hashing. */
export interface GitObject {
  readonly id: GitId;
  readonly type: ObjectType;
  /** The content without Git's header. Not to be changed by whoever reads it. */
  readonly data: Buffer;
}

/** Who and when, as a commit says it. */
export interface Signature {
  readonly name: string;
  readonly email: string;
  /** Seconds since 1970-01-01 UTC; as claimed by the author. */
  readonly atSeconds: number;
  /** Minutes east of UTC. */
  readonly zoneMinutes: number;
}

/** What a commit object says. */
export interface Commit {
  readonly id: GitId;
  readonly tree: GitId;
  /** As written in the commit, also when the history behind them was not fetched. */
  readonly parents: readonly GitId[];
  readonly author: Signature;
  readonly committer: Signature;
  /** Whole message, with its trailing line feed as Git stores it. */
  readonly message: string;
  /** Detached signature (SSH or OpenPGP armour), if the commit carries one. */
  readonly signature?: string;
  /** The bytes that the signature covers: the object without its gpgsig header. Present with `signature`. */
  readonly signedPayload?: Buffer;
}

/** What an entry of a tree is. */
export type EntryKind = 'file' | 'executable' | 'symlink' | 'submodule' | 'tree';

/** One line of a tree object. */
export interface TreeEntry {
  readonly name: string;
  readonly kind: EntryKind;
  readonly id: GitId;
}
