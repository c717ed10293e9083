import type { PlacementName } from '@flotilla/shared/base';

/** Which assignments want which objects, by key. */
export class WantedIndex {
  readonly #byKey = new Map<string, Set<PlacementName>>();
  readonly #byPlacement = new Map<PlacementName, readonly string[]>();

  /** Replaces what a placement wants; [] when it wants nothing. Returns who else wants what it wanted until now. */
  set(placement: PlacementName, keys: readonly string[]): ReadonlySet<PlacementName> {
    const rivals = this.rivalsOf(placement);
    for (const key of this.#byPlacement.get(placement) ?? []) this.#drop(key, placement);
    this.#byPlacement.delete(placement);
    if (keys.length > 0) this.#byPlacement.set(placement, keys);
    for (const key of keys) {
      const placements = this.#byKey.get(key);
      if (placements === undefined) this.#byKey.set(key, new Set([placement]));
      else placements.add(placement);
    }
    return rivals;
  }

  /** The other placements that want something of what a placement wants. */
  rivalsOf(placement: PlacementName): ReadonlySet<PlacementName> {
    const rivals = new Set<PlacementName>();
    for (const key of this.#byPlacement.get(placement) ?? []) {
      for (const other of this.#byKey.get(key) ?? []) if (other !== placement) rivals.add(other);
    }
    return rivals;
  }

  /** The placements that want an object. */
  placementsOf(key: string): Iterable<PlacementName> {
    return this.#byKey.get(key) ?? [];
  }

  /** Of the keys, those that another placement wants, with its name. */
  elsewhere(keys: Iterable<string>, placement: PlacementName): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (const key of keys) {
      for (const other of this.#byKey.get(key) ?? []) if (other !== placement) found.set(key, other);
    }
    return found;
  }

  #drop(key: string, placement: PlacementName): void {
    const placements = this.#byKey.get(key);
    placements?.delete(placement);
    if (placements?.size === 0) this.#byKey.delete(key);
  }
}
