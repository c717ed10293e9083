import type { PlacementName } from '@flotilla/shared/base';
import type { PlacementSpec } from '../core/index.ts';

/**
 * Which placements wait for which, to begin (`dependsOn`) or to be removed (`takeOverFrom` of another): told of rules as they
 * come, asked at every report.
 */
export class Dependents {
  /** What each placement with dependencies depends on. */
  readonly #wanted = new Map<PlacementName, PlacementSpec['dependsOn']>();
  readonly #dependents = new Map<string, Set<PlacementName>>();
  /** From whom each placement takes over. */
  readonly #takeOvers = new Map<PlacementName, PlacementName>();

  /** A placement's rule is this now; undefined = it has none. Costs nothing when nothing changed. */
  set(name: PlacementName, spec: Pick<PlacementSpec, 'apply' | 'dependsOn'> | undefined): void {
    const takeOverFrom = spec?.apply.takeOverFrom;
    // Kept when it left Git: whoever waited for it has to be told.
    if (takeOverFrom !== undefined) this.#takeOvers.set(name, takeOverFrom);
    const after = spec?.dependsOn ?? none;
    const before = this.#wanted.get(name) ?? none;
    if (before === after || before.length + after.length === 0) return;
    for (const one of before) this.#dependents.get(one.name)?.delete(name);
    for (const one of after) {
      const dependents = this.#dependents.get(one.name) ?? new Set();
      this.#dependents.set(one.name, dependents.add(name));
    }
    if (after.length === 0) this.#wanted.delete(name);
    else this.#wanted.set(name, after);
  }

  /** The placements that depend on this one, directly, and the one whose objects it takes over, or took. */
  of(name: PlacementName): Iterable<PlacementName> {
    const loser = this.#takeOvers.get(name);
    const dependents = this.#dependents.get(name) ?? none;
    return loser === undefined ? dependents : [...dependents, loser];
  }
}

const none: readonly never[] = [];
