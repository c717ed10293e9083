import type { SeedReport } from './outcome.ts';

/** Kinds of decisions that must come up in a long run: a simulation in which they never happen proves nothing of them. */
export const expectedKinds = [
  'budget-changed',
  'cluster-failed',
  'cluster-forgotten',
  'cluster-skipped',
  'clusters-admitted',
  'clusters-started',
  'control-adopted',
  'epoch-confirmed',
  'keep-lifted',
  'rejection-lifted',
  'release-urgent',
  'rollout-cancelled',
  'rollout-halted',
  'rollout-paused',
  'rollout-planned',
  'rollout-resumed',
  'rollout-succeeded',
  'rows-adopted',
  'source-accepted',
  'stage-approved',
  'tick',
  'wave-opened',
  'wave-passed',
  'wave-promoted',
  'withdraw-approved',
  'withdraw-held',
] as const;

/** How often each kind came up in all seeds. */
export function sumKinds(reports: readonly SeedReport[]): { readonly [kind: string]: number } {
  const sum: { [kind: string]: number } = {};
  for (const { kinds } of reports)
    for (const [kind, count] of Object.entries(kinds)) sum[kind] = (sum[kind] ?? 0) + count;
  return sum;
}

/** Expected kinds that did not. */
export function neverSeen(kinds: { readonly [kind: string]: number }): readonly string[] {
  return expectedKinds.filter((kind) => (kinds[kind] ?? 0) === 0);
}
