import type { Clock } from '../base/index.ts';

/** A clock that only a test moves, and that a test can wait on. */
export interface ManualClock extends Clock {
  /**
   * Moves time forward, waking each sleeper at its own moment and letting it run until it waits again.
   * Wall time moves along.
   */
  advance(ms: number): Promise<void>;
  /** Moves wall time alone, as an administrator or a time server does. */
  jumpWall(ms: number): void;
  /** Resolves once at least so many sleeps are pending. */
  sleepers(count: number, signal?: AbortSignal): Promise<void>;
  /** Sleeps that are pending now. */
  readonly sleeping: number;
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** A manual clock; `wallMs` is where wall time starts. Monotonic time starts at 0. */
export function manualClock(wallMs = Date.UTC(2026, 0, 1)): ManualClock {
  let nowMs = 0;
  let wallOffsetMs = wallMs;
  const pending = new Set<Sleeper>();
  const watchers = new Set<() => void>();

  function sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        pending.delete(sleeper);
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        leave();
        reject(signal.reason);
      };
      const sleeper: Sleeper = {
        dueMs: nowMs + Math.max(0, ms),
        wake: () => {
          leave();
          resolve();
        },
      };
      pending.add(sleeper);
      signal.addEventListener('abort', onAbort, { once: true });
      for (const watcher of watchers) watcher();
    });
  }

  async function advance(ms: number): Promise<void> {
    const untilMs = nowMs + ms;
    await settle();
    for (let next = earliest(pending); next && next.dueMs <= untilMs; next = earliest(pending)) {
      nowMs = Math.max(nowMs, next.dueMs);
      next.wake();
      await settle();
    }
    nowMs = untilMs;
  }

  async function sleepers(count: number, signal?: AbortSignal): Promise<void> {
    while (pending.size < count) {
      signal?.throwIfAborted();
      await new Promise<void>((resolve) => {
        const done = (): void => {
          watchers.delete(done);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        watchers.add(done);
        signal?.addEventListener('abort', done, { once: true });
      });
    }
  }

  return {
    nowMs: () => nowMs,
    wallMs: () => wallOffsetMs + nowMs,
    sleep,
    advance,
    sleepers,
    jumpWall: (ms) => {
      wallOffsetMs += ms;
    },
    get sleeping() {
      return pending.size;
    },
  };
}

function earliest(pending: ReadonlySet<Sleeper>): Sleeper | undefined {
  let found: Sleeper | undefined;
  for (const sleeper of pending) if (found === undefined || sleeper.dueMs < found.dueMs) found = sleeper;
  return found;
}

/** Lets everything run that can run without time passing: promise chains, and callbacks queued by them. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
