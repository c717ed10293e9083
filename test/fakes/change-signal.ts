/** Lets many wait for the next change of something. */
export interface ChangeSignal {
  /** Wakes everybody who waits. */
  raise(): void;
  /** Resolves at the next change; rejects with the signal's reason when aborted. */
  wait(signal: AbortSignal): Promise<void>;
}

/** Makes a change signal. */
export function changeSignal(): ChangeSignal {
  let next = Promise.withResolvers<void>();
  return {
    raise() {
      next.resolve();
      next = Promise.withResolvers<void>();
    },
    async wait(signal) {
      signal.throwIfAborted();
      const aborted = Promise.withResolvers<never>();
      const onAbort = (): void => aborted.reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        await Promise.race([next.promise, aborted.promise]);
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}
