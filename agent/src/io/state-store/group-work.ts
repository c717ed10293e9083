/** Work for a key. */
export type Work = (key: string) => Promise<void>;

/**
 * For work that covers all that was done before it began, as syncing a folder covers every rename in it: for each key one at a
 * time, and all who ask while it runs share the next one. A hundred records that are written at once then cost a few syncs of
 * their folder. Who shares work that fails gets its error.
 */
export function groupWork(work: Work): Work {
  const running = new Map<string, Promise<void>>();
  const waiting = new Map<string, Promise<void>>();

  function begin(key: string): Promise<void> {
    const mine = work(key);
    running.set(key, mine);
    const end = () => {
      if (running.get(key) === mine) running.delete(key);
    };
    mine.then(end, end);
    return mine;
  }

  return (key) => {
    const shared = waiting.get(key);
    if (shared !== undefined) return shared;
    const before = running.get(key);
    if (before === undefined) return begin(key);
    const beginNext = () => {
      waiting.delete(key);
      return begin(key);
    };
    // That the one before failed is said to those who waited for it.
    const next = before.then(beginNext, beginNext);
    waiting.set(key, next);
    return next;
  };
}
