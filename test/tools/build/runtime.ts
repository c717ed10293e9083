/** How Node is told to run one of our programs; it stands at the head of the built file. */
export interface Runtime {
  /** Flags of Node. */
  readonly flags: readonly string[];
  /** Environment variables, where the person who starts the program has set nothing else; a shell expands the values. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The hub. A young generation may grow to 3 x 32 MiB on a machine with much memory, and a program
 * that mostly waits never gives it back: with 4 MiB halves a hub with 1,000 streams needs 90 MiB less at the same
 * processor time; with 1 MiB it needs more of both. The old generation may grow to four times what lives before it is
 * collected: collected after each 30 %, the same hub needs another 60 MiB less (bench `delivery`). While a long log is read that
 * bound is lifted (hub/src/start/heap-growth.ts).
 */
export const hubRuntime: Runtime = {
  flags: ['--max-semi-space-size=4', '--heap-growing-percent=30'],
  env: {},
};

/**
 * The agent runs in every cluster and mostly waits (bench `idle`). glibc gives each of Node's threads a heap of its own,
 * half empty, and keeps what is freed: one heap for all, trimmed, is 3 MiB less. A young generation of 2 MiB is another
 * 1 MiB less and costs a render 3 % more processor time (1 MiB: 10 %); a first collection at 8 MiB, 1 MiB less.
 */
export const agentRuntime: Runtime = {
  flags: ['--max-semi-space-size=2', '--initial-heap-size=8', '--heap-growing-percent=30'],
  env: { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '65536' },
};

/**
 * The command line, which lives for a tenth of a second (bench `cli`). Compiling its one file takes 45 ms of that, unless
 * Node finds what it kept of the last time: `flotilla version` then needs 110 to 125 ms instead of 133 to 163 (p50 of 21,
 * twice each), of which the question for Node's version is a part. Node keeps it for each version of the file, where caches
 * belong, and does without where it may not write.
 */
export const cliRuntime: Runtime = {
  flags: hubRuntime.flags,
  env: { NODE_COMPILE_CACHE: '${XDG_CACHE_HOME:-$HOME/.cache}/flotilla/compiled' },
};
