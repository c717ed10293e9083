import type { Reasoned } from '@flotilla/shared/model';
import { groupKindKey } from '@flotilla/shared/model';
import { parseGroupKind, type ScopeSight, type ServedKind, type UnreadKind } from '../../core/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import type { AssignmentMemory } from './assignment-memory.ts';

/** What discovery and watches can say now about the kinds in which an assignment may have members. */
export function scopeSight(context: EngineContext, memory: AssignmentMemory): ScopeSight {
  const { entries, parentScope } = memory.plans.inventory;
  const { kinds } = context.discovery;
  const namespaces = parentScope?.namespaces ?? [];
  const named = new Set(parentScope?.groupKinds);
  for (const { ref } of entries.values()) named.add(groupKindKey(ref));
  const unread: UnreadKind[] = [];
  const unserved = new Set<string>();
  for (const groupKind of named) {
    const { group, kind } = parseGroupKind(groupKind);
    const served = kinds.preferred({ group, kind });
    if (served === undefined && !kinds.isUnreadable(group)) {
      unserved.add(groupKind);
      continue;
    }
    const reason =
      served === undefined ? undiscovered(groupKind) : unreadReason(context, { kind: served, namespaces });
    if (reason !== undefined) unread.push({ groupKind, reason });
  }
  return { unread, unserved };
}

/** Why objects of a kind may be there unseen. A watch that was lost had shown them all before. */
function unreadReason(
  context: EngineContext,
  place: { readonly kind: ServedKind; readonly namespaces: readonly string[] },
): Reasoned | undefined {
  const groupKind = groupKindKey(place.kind);
  const namespaces: readonly (string | undefined)[] = place.kind.isNamespaced
    ? place.namespaces
    : [undefined];
  const reasons = namespaces.flatMap((namespace) => {
    const state = context.watches.stateOf(groupKind, namespace);
    if (state?.kind === 'failed') return [state.failure.reason];
    return state === undefined || state.kind === 'starting' ? [unwatched(groupKind)] : [];
  });
  // Rights that were given in some namespaces only say where members may be.
  const isElsewhere = reasons.length < namespaces.length;
  return reasons.find((reason) => !isElsewhere || reason.code !== 'WatchForbidden');
}

function undiscovered(groupKind: string): Reasoned {
  return { code: 'DiscoveryFailed', text: 'its API group cannot be read now', subject: groupKind };
}

function unwatched(groupKind: string): Reasoned {
  return { code: 'NotWatchedYet', text: 'it is not watched yet', subject: groupKind };
}
