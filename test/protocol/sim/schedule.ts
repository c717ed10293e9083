/** Virtual time: what is due happens in order of time, then of asking. */
export interface Schedule {
  readonly nowMs: number;
  /** Runs `work` after `ms`. */
  after(ms: number, work: () => void): void;
  /** Lets everything happen that is due within `ms`. */
  run(ms: number): void;
}

/** An empty schedule at time 0; `afterEach` runs after each thing that happened. */
export function makeSchedule(afterEach: () => void): Schedule {
  let nowMs = 0;
  let order = 0;
  const due: { readonly atMs: number; readonly order: number; readonly work: () => void }[] = [];

  return {
    get nowMs() {
      return nowMs;
    },
    after(ms, work) {
      order += 1;
      const one = { atMs: nowMs + Math.max(0, ms), order, work };
      const index = due.findIndex((other) => other.atMs > one.atMs);
      if (index === -1) due.push(one);
      else due.splice(index, 0, one);
    },
    run(ms) {
      const untilMs = nowMs + ms;
      for (let next = due[0]; next !== undefined && next.atMs <= untilMs; next = due[0]) {
        due.shift();
        nowMs = next.atMs;
        next.work();
        afterEach();
      }
      nowMs = untilMs;
    },
  };
}
