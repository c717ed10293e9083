import { editDistance } from '@flotilla/shared/base';

/** The candidate that a mistyped name most likely meant; undefined when none is near. Ties go to the first in order. */
export function nearest(typed: string, candidates: Iterable<string>): string | undefined {
  const sorted = [...candidates].sort();
  const lower = typed.toLowerCase();
  const sameLetters = sorted.find((one) => one.toLowerCase() === lower);
  if (sameLetters !== undefined) return sameLetters;
  let best: string | undefined;
  let bestDistance = 1 + Math.max(1, Math.floor(typed.length / 3));
  for (const candidate of sorted) {
    const distance = editDistance(lower, candidate.toLowerCase(), bestDistance - 1);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(typed: string, candidates: Iterable<string>): string {
  const meant = nearest(typed, candidates);
  return meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`;
}
