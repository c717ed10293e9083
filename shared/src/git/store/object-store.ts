import type { GitId } from '../../base/index.ts';
import type { GitObject } from '../git-object.ts';

/**
 * A bounded cache of verified Git objects. Anything in it may vanish (bound reached, record found corrupt): a reader
 * that misses something fetches it again. Content is addressed by its hash, so nothing in it is ever stale.
 */
export interface ObjectStore extends AsyncDisposable {
  /** Cheap test for presence; a corrupt record may still be found only by `get`. */
  has(id: GitId): Promise<boolean>;
  /** The object with its id verified by hashing, or undefined when absent or corrupt (then it is dropped). */
  get(id: GitId): Promise<GitObject | undefined>;
  /** Keeps an object whose id is the hash of its content (`hashObject`). Keeping it twice is harmless. */
  put(object: GitObject): Promise<void>;
  /** Remembers that a blob exists on the server but is larger than the limit, so it is reported and not fetched again. */
  noteTooLarge(id: GitId, sizeBytes: number): Promise<void>;
  /** The size given to `noteTooLarge`, or undefined for any other id. */
  tooLargeSize(id: GitId): Promise<number | undefined>;
  /** Drops least recently used objects until the bound holds. Called by the fetch functions when they are done. */
  trim(): Promise<void>;
  usage(): StoreUsage;
  close(): Promise<void>;
}

/** What a store holds, and what it had to throw away. */
export interface StoreUsage {
  readonly objects: number;
  /** Bytes held: on disk compressed, in memory as they are. */
  readonly bytes: number;
  /** Records found corrupt and dropped since the store was opened. */
  readonly corrupt: number;
}
