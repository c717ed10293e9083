/** Journeys of which `npm test` runs one, drawn by the commit's id; `npm run test:all` and a person run them all. */
export const longJourneys: readonly string[] = [
  'test/e2e/bad-files.e2e.test.ts',
  'test/e2e/bad-git.e2e.test.ts',
  'test/e2e/bad-history.e2e.test.ts',
  'test/e2e/bus-outage.e2e.test.ts',
  'test/e2e/checks-and-windows.e2e.test.ts',
  'test/e2e/rollout-verbs.e2e.test.ts',
];

/**
 * The journeys that a run leaves out. `tier` and `seed` are FLOTILLA_TIER and FLOTILLA_SAMPLE_SEED; outside of tier `ci`
 * nothing is left out.
 */
export function journeysLeftOut(tier: string | undefined, seed: string | undefined): readonly string[] {
  if (tier !== 'ci') return [];
  let sum = 0;
  for (const character of seed ?? '') sum = (sum * 31 + character.charCodeAt(0)) % 1_000_003;
  const chosen = longJourneys[sum % longJourneys.length];
  return longJourneys.filter((path) => path !== chosen);
}
