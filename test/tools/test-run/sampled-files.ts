/** Files of a project of which `npm test` runs one, drawn by the commit's id; `npm run test:all` and a person run them all. */
export const longFiles: Readonly<Record<string, readonly string[]>> = {
  e2e: [
    'test/e2e/bad-files.e2e.test.ts',
    'test/e2e/bad-git.e2e.test.ts',
    'test/e2e/bad-history.e2e.test.ts',
    'test/e2e/bus-outage.e2e.test.ts',
    'test/e2e/checks-and-windows.e2e.test.ts',
    'test/e2e/rollout-verbs.e2e.test.ts',
  ],
  real: [
    'test/contracts/kube/mutants.real.test.ts',
    'test/faults/lost-log.real.test.ts',
    'test/real/kubectl-reading/kubectl-reading.real.test.ts',
  ],
};

/**
 * The files of a project that a run leaves out. `tier` and `seed` are FLOTILLA_TIER and FLOTILLA_SAMPLE_SEED; outside of tier `ci`
 * nothing is left out.
 */
export function filesLeftOut(
  project: string,
  { seed, tier }: { readonly tier: string | undefined; readonly seed: string | undefined },
): readonly string[] {
  const long = longFiles[project] ?? [];
  if (tier !== 'ci') return [];
  let sum = 0;
  for (const character of seed ?? '') sum = (sum * 31 + character.charCodeAt(0)) % 1_000_003;
  const chosen = long[sum % long.length];
  return long.filter((path) => path !== chosen);
}
