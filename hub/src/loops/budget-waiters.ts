import type { PlacementName } from '@flotilla/shared/base';

/** Placements whose clusters wait for others to end changing. Told of everything that happens, they are woken once for all of it. */
export class BudgetWaiters {
  readonly #waiting = new Set<PlacementName>();
  /** All of them have been woken, and none has looked since. */
  #areAwake = false;

  /** Whether a placement waits, by the look at it that has just ended. */
  set(name: PlacementName, isWaiting: boolean): void {
    if (!isWaiting) this.#waiting.delete(name);
    else if (!this.#waiting.has(name)) {
      this.#waiting.add(name);
      this.#areAwake = false;
    }
  }

  /** A look at some placement begins: what happens from now on, it may not have seen. */
  looks(): void {
    this.#areAwake = false;
  }

  /** Something happened: those that are to be woken for it. */
  news(): Iterable<PlacementName> {
    if (this.#areAwake) return nobody;
    this.#areAwake = true;
    return this.#waiting;
  }
}

const nobody: readonly PlacementName[] = [];
