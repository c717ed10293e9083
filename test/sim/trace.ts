import { createHash } from 'node:crypto';

/** Everything that happened in one seed, for people who look for the reason of a failure. */
export interface Trace {
  /** One line; time is put before it. */
  add(line: string): void;
  /** Everything so far. */
  readonly lines: readonly string[];
  /** Equal for equal runs. */
  hash(): string;
}

/** An empty trace; `nowMs` is the time of the world. */
export function makeTrace(nowMs: () => number): Trace {
  const lines: string[] = [];
  return {
    lines,
    add: (line) => void lines.push(`${(nowMs() / 1_000).toFixed(3).padStart(9)} ${line}`),
    hash: () => createHash('sha256').update(lines.join('\n')).digest('hex'),
  };
}
