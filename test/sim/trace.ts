import { createHash } from 'node:crypto';

/** Everything that happened in one seed, for people who look for the reason of a failure. */
export interface Trace {
  /** One line; time is put before it. `more` says the same at length, when somebody reads it. */
  add(line: string, more?: () => string): void;
  /** Everything so far. */
  lines(): readonly string[];
  /** Equal for equal runs. */
  hash(): string;
}

interface Line {
  readonly text: string;
  readonly more: (() => string) | undefined;
}

/** An empty trace; `nowMs` is the time of the world. */
export function makeTrace(nowMs: () => number): Trace {
  const all: Line[] = [];
  return {
    add: (line, more) => void all.push({ text: `${(nowMs() / 1_000).toFixed(3).padStart(9)} ${line}`, more }),
    lines: () => all.map(({ more, text }) => (more === undefined ? text : `${text} ${more()}`)),
    hash: () =>
      createHash('sha256')
        .update(all.map(({ text }) => text).join('\n'))
        .digest('hex'),
  };
}
