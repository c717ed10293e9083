import type { PlacementName } from '@flotilla/shared/base';
import type { GroupKind, ObjectTarget } from '@flotilla/shared/model';
import { meansKind } from '../../core/index.ts';

/**
 * Which objects are kept whole because a rule of their placement may read any field. Decided by kind alone: what else a
 * rule asks of an object shows only when it was read.
 */
export class WholeObjects {
  readonly #targets = new Map<string, readonly ObjectTarget[]>();

  /** Replaces what the rules of a placement are about; [] when it has none. */
  set(placement: PlacementName, targets: readonly ObjectTarget[]): void {
    if (targets.length === 0) this.#targets.delete(placement);
    else this.#targets.set(placement, targets);
  }

  /** Whether an object of a kind is kept whole when it carries this assignment's label. */
  includes(kind: GroupKind, placement: string | undefined): boolean {
    const targets = placement === undefined ? undefined : this.#targets.get(placement);
    return targets?.some((target) => meansKind(target, kind)) === true;
  }

  /** Whether whole objects of a kind are to be asked for at all. */
  concerns(kind: GroupKind): boolean {
    for (const targets of this.#targets.values())
      if (targets.some((target) => meansKind(target, kind))) return true;
    return false;
  }
}
