import type { GitId } from '../base/index.ts';
import type { GitObject, ObjectType } from './git-object.ts';

/**
 * A bounded cache of verified Git objects. Anything in it may vanish (bound reached, record found corrupt): a reader
 * that misses something fetches it again. Content is addressed by its hash, so nothing in it is ever stale.
 */
export interface ObjectStore extends AsyncDisposable {
  /** Cheap test for presence; a corrupt record may still be found only by `get`. */
  has(id: GitId): Promise<boolean>;
  /** The object with its id verified by hashing, or undefined when absent or corrupt (then it is dropped). */
  get(id: GitId): Promise<GitObject | undefined>;
  /** Hashes and keeps an object; returns its id. Writing the same object twice is harmless. */
  put(type: ObjectType, data: Buffer, format: 'sha1' | 'sha256'): Promise<GitId>;
  /** Content bytes of an object, also of one that was too large to keep; undefined when absent. */
  sizeOf(id: GitId): Promise<number | undefined>;
  /** Remembers that a blob exists on the server but is larger than the limit, so it is reported and not fetched again. */
  noteTooLarge(id: GitId, sizeBytes: number): Promise<void>;
  /** True for an id given to `noteTooLarge`. */
  isTooLarge(id: GitId): Promise<boolean>;
  /** Drops least recently used objects until the bound holds. Called by the fetch functions when they are done. */
  trim(): Promise<void>;
  /** Objects and bytes held. */
  usage(): { readonly objects: number; readonly bytes: number };
  close(): Promise<void>;
}
