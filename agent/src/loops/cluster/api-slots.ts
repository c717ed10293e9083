/** A bounded number of requests at the same time; the rest waits in order. */
export interface ApiSlots {
  /** Runs the work when a slot is free. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** Makes so many slots. */
export function createSlots(count: number): ApiSlots {
  let free = count;
  const waiting: (() => void)[] = [];

  async function acquire(): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    // The slot is handed over by the one who leaves: it never becomes free in between.
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function release(): void {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }

  return {
    async run(work, signal) {
      await acquire();
      try {
        signal.throwIfAborted();
        return await work();
      } finally {
        release();
      }
    },
  };
}
