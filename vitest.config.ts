import { defineConfig } from 'vitest/config';

const minuteMs = 60_000;
const elsewhere = ['**/node_modules/**', '**/dist/**'];

/**
 * The four kinds of tests, each a vitest project (`vitest run --project NAME [FILTER]`).
 * groupOrder makes a bare `vitest run FOLDER` go from the quick ones to the heavy ones, one kind at a time.
 */
export default defineConfig({
  test: {
    passWithNoTests: false,
    allowOnly: false,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{shared,hub,agent,proto,test}/**/*.test.ts'],
          exclude: [...elsewhere, '**/*.real.test.ts', '**/*.e2e.test.ts', 'test/tidy/*.tidy.test.ts'],
          pool: 'threads',
          // Far above what any needs: what ends a test is its own condition, not a slow machine.
          testTimeout: minuteMs,
          // Pure tests share one module graph for each thread: 60 files take about a second.
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'tidy',
          include: ['test/tidy/*.tidy.test.ts'],
          pool: 'threads',
          isolate: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'real',
          include: ['{shared,hub,agent,proto,test}/**/*.real.test.ts'],
          // No list of its own: one would take the place of what `npm test` leaves out (sampled-files.ts).
          pool: 'forks',
          // Two files at a time: each starts servers of its own, and a control plane alone fills a core.
          maxWorkers: 2,
          testTimeout: minuteMs,
          hookTimeout: 2 * minuteMs,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.e2e.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 5 * minuteMs,
          hookTimeout: 5 * minuteMs,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
