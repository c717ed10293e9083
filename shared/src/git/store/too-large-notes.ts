import { type GitId, limits } from '../../base/index.ts';

/** Sizes of objects that are not kept because they are too large; the oldest notes go when there are too many. */
export interface TooLargeNotes {
  get(id: GitId): number | undefined;
  /** Returns the note that had to go for this one, if any. */
  set(id: GitId, sizeBytes: number): GitId | undefined;
}

/** Makes an empty set of notes. */
export function tooLargeNotes(): TooLargeNotes {
  const sizes = new Map<GitId, number>();
  return {
    get: (id) => sizes.get(id),
    set(id, sizeBytes) {
      sizes.delete(id);
      sizes.set(id, sizeBytes);
      if (sizes.size <= limits.gitTooLargeNotesMax) return undefined;
      const [oldest] = sizes.keys();
      if (oldest !== undefined) sizes.delete(oldest);
      return oldest;
    },
  };
}
