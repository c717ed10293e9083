import { editDistance } from '../../base/index.ts';

/** The candidate that a mistyped name most likely meant; undefined when none is near. */
export function closestName(name: string, candidates: Iterable<string>): string | undefined {
  const bound = Math.max(1, Math.floor(name.length / 3));
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase(), bound);
    if (distance <= bound && (best === undefined || distance < best.distance))
      best = { name: candidate, distance };
  }
  return best?.name;
}
