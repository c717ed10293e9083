/** Lets work go one after the other: a render child may take half a gigabyte for a moment. */
export interface Turns {
  /** Resolves as the work does; the next begins whatever became of it. */
  take<T>(work: () => Promise<T>): Promise<T>;
}

/** Makes turns that nobody has taken yet. */
export function openTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    async take(work) {
      const mine = last.then(work);
      last = mine.catch(() => undefined);
      return await mine;
    },
  };
}
