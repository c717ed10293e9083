import type { PlacementName } from '@flotilla/shared/base';
import type { FleetRules } from './fleet-state.ts';

/** The rules for all placements as they were looked at last, and who was looked at while nobody knew them. */
export class KnownRules {
  #rules: FleetRules | undefined;
  #without = new Set<PlacementName>();

  /** Those of this adoption or a later one; undefined while nobody has looked at it. */
  at(adoptedSeq: number): FleetRules | undefined {
    return this.#rules && this.#rules.adoptedSeq >= adoptedSeq ? this.#rules : undefined;
  }

  /** Somebody decided about a placement, with what was known at this adoption. */
  looked(name: PlacementName, adoptedSeq: number): void {
    if (this.at(adoptedSeq) === undefined) this.#without.add(name);
    else this.#without.delete(name);
  }

  /** Takes what a look at the rules gave; returns whether they say something else, and who was looked at without any since. */
  set(rules: FleetRules): { readonly isOther: boolean; readonly without: ReadonlySet<PlacementName> } {
    const isOther = this.#rules === undefined || textOf(this.#rules) !== textOf(rules);
    const without = this.#without;
    this.#rules = rules;
    this.#without = new Set();
    return { isOther, without };
  }
}

/** All that rules say, but since which adoption. */
function textOf({ caps, windows }: FleetRules): string {
  return JSON.stringify([caps, windows.rules]);
}
