import type { PlacementName } from '@flotilla/shared/base';
import type { LocatedError, PlacementSpec } from '../fleet-spec/index.ts';

/** Who is to take over the objects of a placement (`takeOverFrom`), by that placement's name; it need not be in Git any more. */
export function heirsOf(
  placements: readonly PlacementSpec[],
): ReadonlyMap<PlacementName, readonly PlacementName[]> {
  const heirs = new Map<PlacementName, PlacementName[]>();
  for (const { apply, name } of placements) {
    if (apply.takeOverFrom === undefined) continue;
    heirs.set(apply.takeOverFrom, [...(heirs.get(apply.takeOverFrom) ?? []), name]);
  }
  return heirs;
}

/**
 * Mistakes in who takes over from whom, by the placement's name: a circle, shown whole, for every placement in it. A name that
 * no placement has is none: what was taken over is normally gone from Git.
 */
export function takeOverErrors(
  placements: readonly PlacementSpec[],
): ReadonlyMap<string, readonly LocatedError[]> {
  const byName = new Map<string, PlacementSpec>(placements.map((one) => [one.name, one]));
  const found = new Map<string, readonly LocatedError[]>();
  for (const placement of placements) {
    const path = pathBack(byName, placement);
    if (path === undefined) continue;
    const text = `spec.takeOverFrom goes round in a circle: ${path.join(' -> ')}; none of them could be the last`;
    found.set(placement.name, [{ ...placement.at, code: 'CONTRADICTION', text }]);
  }
  return found;
}

/** From a placement along `takeOverFrom` back to itself; undefined = it does not come back. */
function pathBack(
  byName: ReadonlyMap<string, PlacementSpec>,
  start: PlacementSpec,
): readonly string[] | undefined {
  const seen = new Set<string>([start.name]);
  for (let at = start.apply.takeOverFrom; at !== undefined; at = byName.get(at)?.apply.takeOverFrom) {
    if (at === start.name) return [...seen, at];
    if (seen.has(at)) return undefined;
    seen.add(at);
  }
  return undefined;
}
