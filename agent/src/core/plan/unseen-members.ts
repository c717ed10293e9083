import type { Reasoned } from '@flotilla/shared/model';
import { groupKindKey } from '@flotilla/shared/model';
import { coversScope, type SetScope } from '../inventory/index.ts';
import type { PlanInput, UnreadKind } from './goal.ts';
import type { Blocked } from './plan.ts';
import type { Step } from './step.ts';

/** Why the parent may not name less yet. */
export interface Doubt {
  /** What may settle it. */
  readonly steps: readonly Step[];
  readonly blocked: readonly Blocked[];
}

/** Nothing is in doubt. */
export const noDoubt: Doubt = { steps: [], blocked: [] };

/**
 * Whether the parent's scope may shrink to what is kept. After a crash before the first journal write the parent is all
 * that tells where members live: while one of its kinds cannot be read, it keeps its whole scope. A kind that is not
 * served holds nothing up once a fresh discovery says so too.
 */
export function doubtShrinking(kept: SetScope, input: PlanInput): Doubt {
  const { parentScope } = input.inventory;
  if (parentScope === undefined || coversScope(kept, parentScope)) return noDoubt;
  const { unread, unserved } = input.scope;
  if (unread.length > 0) {
    const blocked = unread.map((one) => ({ ...unseenReason(one), isFinal: false, ref: undefined }));
    return { steps: [], blocked };
  }
  const gone = parentScope.groupKinds.filter((one) => unserved.has(one) && !kept.groupKinds.includes(one));
  const isAsked = input.attempts.rediscoveredAtMs !== undefined;
  return gone.length === 0 || isAsked
    ? noDoubt
    : { steps: [{ kind: 'rediscover', kinds: gone }], blocked: [] };
}

/** Why it cannot be told how many leftovers there are: a kind that cannot be read, and no object of it is known. */
export function uncountedReason(input: PlanInput): Reasoned | undefined {
  const { unread } = input.scope;
  if (unread.length === 0) return undefined;
  const known = new Set([...input.inventory.entries.values()].map((entry) => groupKindKey(entry.ref)));
  const hidden = unread.find((one) => !known.has(one.groupKind));
  return hidden === undefined ? undefined : unseenReason(hidden);
}

function unseenReason({ groupKind, reason }: UnreadKind): Reasoned {
  const text = `kind ${groupKind} cannot be read, and objects of this assignment may be among it: ${reason.text}`;
  return { code: reason.code, text, subject: groupKind };
}
