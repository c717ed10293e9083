import type { ApiItems, HubFacts, ItemKind } from '@flotilla/shared/model';
import type { AssignmentsOf, HubApi, ItemChange } from '../../../api-port.ts';
import { isSelected, type Selection } from '../list/index.ts';

/** What one reader of the event stream wants to hear of. */
export interface Interest extends Selection {
  readonly kinds: ReadonlySet<ItemKind>;
  /** The hub's facts. */
  readonly facts: boolean;
}

/** One message of the stream before it is written. */
export interface Frame {
  readonly event: 'snapshot' | 'synced' | 'delta' | 'lagged' | 'reset' | 'closing';
  /** Set on the last message of a state: a reader resumes from there. */
  readonly id?: string;
  /** JSON. */
  readonly data: string;
}

/** Items in one message: a message stays far below the buffer that a slow reader may have. */
const frameItemsMax = 200;

/** The text of a message (WHATWG HTML, "Server-sent events"). JSON holds no raw line break. */
export function frameText({ event, id, data }: Frame): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`;
}

/**
 * What a reader hears of some changes: items that are there and selected are `changed`; others are `gone` for it,
 * whether it knew them or not. In several messages when there are many, each read when it is asked for; only the last
 * has the id.
 */
export function* deltaFrames(
  api: HubApi,
  interest: Interest,
  changes: readonly ItemChange[],
  at: { readonly sequence: string; readonly asOfMs: number },
): Iterable<Frame> {
  for (const { items, isLast } of inFrames(heardOf(api, interest, changes))) {
    const part = deltaOf(api, interest, items);
    const data = JSON.stringify({ ...at, isComplete: isLast, ...part });
    yield { event: 'delta', ...(isLast && { id: at.sequence }), data };
  }
}

type SingleChange = Exclude<ItemChange, AssignmentsOf>;

/** What a reader wants of the changes, one by one; an assignment that changed with its cluster and its placement comes once. */
function* heardOf(api: HubApi, interest: Interest, changes: readonly ItemChange[]): Iterable<SingleChange> {
  const clusters = new Set<string>();
  for (const one of changes) if (one.kind === 'assignments-of-cluster') clusters.add(one.name);
  for (const one of changes) {
    if (one.kind === 'facts') {
      if (interest.facts) yield one;
    } else if (one.kind !== 'assignments-of-cluster' && one.kind !== 'assignments-of-placement') {
      if (interest.kinds.has(one.kind)) yield one;
    } else if (interest.kinds.has('assignments')) {
      for (const name of api.changes.assignmentsOf(one)) {
        const isTwice = one.kind === 'assignments-of-placement' && clusters.has(clusterOf(name));
        if (!isTwice) yield { kind: 'assignments', name };
      }
    }
  }
}

/** The cluster in the name of an assignment. */
function clusterOf(name: string): string {
  return name.slice(0, name.indexOf('/'));
}

/** Nothing for nothing. */
function* inFrames(
  changes: Iterable<SingleChange>,
): Iterable<{ readonly items: readonly SingleChange[]; readonly isLast: boolean }> {
  let items: SingleChange[] = [];
  for (const one of changes) {
    if (items.length === frameItemsMax) {
      yield { items, isLast: false };
      items = [];
    }
    items.push(one);
  }
  if (items.length > 0) yield { items, isLast: true };
}

interface Delta {
  readonly changed: readonly ApiItems[ItemKind][];
  readonly gone: readonly { readonly kind: ItemKind; readonly name: string }[];
  readonly facts?: HubFacts;
}

function deltaOf(api: HubApi, interest: Interest, changes: readonly SingleChange[]): Delta {
  const changed: ApiItems[ItemKind][] = [];
  const gone: { readonly kind: ItemKind; readonly name: string }[] = [];
  let facts: HubFacts | undefined;
  for (const change of changes) {
    if (change.kind === 'facts') {
      facts = api.facts();
      continue;
    }
    const item = api.item(change.kind, change.name);
    if (item !== undefined && isSelected(change.kind, item, interest)) changed.push(item);
    else gone.push({ kind: change.kind, name: change.name });
  }
  return { changed, gone, ...(facts && { facts }) };
}

/** One page of a snapshot, and where the next begins. Each page is read in one turn. */
export function snapshotPage<Kind extends ItemKind>(
  api: HubApi,
  interest: Interest,
  kind: Kind,
  at: { readonly after: string | undefined; readonly asOfMs: number },
): { readonly frame: Frame | undefined; readonly after: string | undefined } {
  const items: ApiItems[Kind][] = [];
  let seen = 0;
  let last: string | undefined;
  for (const item of api.items(kind, { after: at.after })) {
    seen += 1;
    last = item.metadata.name;
    if (isSelected(kind, item, interest)) items.push(item);
    if (seen === frameItemsMax) break;
  }
  const frame: Frame | undefined =
    items.length === 0
      ? undefined
      : { event: 'snapshot', data: JSON.stringify({ kind, asOfMs: at.asOfMs, items }) };
  return { frame, after: seen === frameItemsMax ? last : undefined };
}
