import { didYouMean, type LocatedError, type PlacementSpec } from '../fleet-spec/index.ts';

/**
 * Mistakes in what placements depend on, by the placement's name: one that does not exist, and a circle, shown whole, for
 * every placement in it. One that merely depends on a circle is held by the circle, not by a mistake of its own.
 */
export function dependencyErrors(
  placements: readonly PlacementSpec[],
): ReadonlyMap<string, readonly LocatedError[]> {
  const byName = new Map<string, PlacementSpec>(placements.map((one) => [one.name, one]));
  const found = new Map<string, readonly LocatedError[]>();
  for (const placement of placements) {
    const errors = placement.dependsOn.flatMap((reference): readonly LocatedError[] => {
      if (!byName.has(reference.name)) {
        const near = didYouMean(reference.name, byName.keys());
        const text = `there is no Placement ${JSON.stringify(reference.name)}${near}`;
        return [{ ...reference.at, code: 'UNKNOWN_REFERENCE', text }];
      }
      const path = pathBetween(byName, reference.name, placement.name);
      if (path === undefined) return [];
      const text = `goes round in a circle: ${[placement.name, ...path].join(' -> ')}; none of them could ever begin`;
      return [{ ...reference.at, code: 'CONTRADICTION', text }];
    });
    if (errors.length > 0) found.set(placement.name, errors);
  }
  return found;
}

/** The shortest way along dependencies, both ends included; undefined = there is none. */
function pathBetween(
  byName: ReadonlyMap<string, PlacementSpec>,
  from: string,
  to: string,
): readonly string[] | undefined {
  const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
  for (const name of cameFrom.keys()) {
    if (name === to) return pathTo(cameFrom, to);
    for (const { name: next } of byName.get(name)?.dependsOn ?? []) {
      if (!cameFrom.has(next)) cameFrom.set(next, name);
    }
  }
  return undefined;
}

function pathTo(cameFrom: ReadonlyMap<string, string | undefined>, end: string): readonly string[] {
  const path: string[] = [];
  for (let at: string | undefined = end; at !== undefined; at = cameFrom.get(at)) path.unshift(at);
  return path;
}
