import type { ClusterName, PlacementName } from '@flotilla/shared/base';
import type { ApiItems, ItemKind, ListSummary } from '@flotilla/shared/model';
import type { HubApi, ItemsWanted } from '../../../api-port.ts';
import { FailureSums, failuresOf, rankOf } from './count.ts';
import { fieldOf } from './item-fields.ts';
import { meetsAll, onlyValue, type Requirement } from './selector.ts';

/** What a reader wants of a kind. */
export interface Selection {
  readonly labels: readonly Requirement[];
  readonly fields: readonly Requirement[];
}

/** A list that is asked for. */
export interface ListQuery extends Selection {
  /** 0 = the summary alone. */
  readonly limit: number;
  /** Items after this name; undefined = from the start, with summary. */
  readonly after: string | undefined;
  /** `state` puts the worst first; such a list has no next page, because states move between pages. */
  readonly sort: 'name' | 'state';
}

/** One page as found. */
export interface ListPage<Kind extends ItemKind> {
  readonly items: readonly ApiItems[Kind][];
  /** Name to continue after; undefined = nothing follows, or the list cannot be continued. */
  readonly continueAfter: string | undefined;
  /** Of the first page. */
  readonly summary: ListSummary | undefined;
}

/** True for an item that the reader wants. */
export function isSelected<Kind extends ItemKind>(
  kind: Kind,
  item: ApiItems[Kind],
  { labels, fields }: Selection,
): boolean {
  return (
    meetsAll(fields, (name) => fieldOf(kind, item, name)) &&
    meetsAll(labels, (key) => labelOf(item.metadata.labels, key))
  );
}

/** Own keys only: a label named `constructor` is a label. */
function labelOf(labels: { readonly [key: string]: string } | undefined, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** Reads one page. Runs in one turn of the event loop, so the page shows one state. */
export function readPage<Kind extends ItemKind>(api: HubApi, kind: Kind, query: ListQuery): ListPage<Kind> {
  const wanted = wantedOf(query);
  if (query.after !== undefined) return readNext(api.items(kind, wanted), kind, query);
  return readFirst(api.items(kind, wanted), kind, query);
}

/** The first page counts everything that is selected. */
function readFirst<Kind extends ItemKind>(
  items: Iterable<ApiItems[Kind]>,
  kind: Kind,
  query: ListQuery,
): ListPage<Kind> {
  const kept: ApiItems[Kind][] = [];
  const states: Record<string, number> = {};
  const failures = new FailureSums();
  let total = 0;
  for (const item of items) {
    if (!isSelected(kind, item, query)) continue;
    total += 1;
    states[item.status.state] = (states[item.status.state] ?? 0) + 1;
    failures.add(failuresOf(kind, item));
    if (query.sort === 'state' || kept.length < query.limit) kept.push(item);
  }
  // Array sort is stable, so that items of one state stay in the order of their names.
  if (query.sort === 'state') {
    kept.sort((left, right) => rankOf(left.status.state) - rankOf(right.status.state));
  }
  const page = kept.slice(0, query.limit);
  const canContinue = query.sort === 'name' && page.length < total;
  return {
    items: page,
    continueAfter: canContinue ? page.at(-1)?.metadata.name : undefined,
    summary: { total, states, failures: failures.largest() },
  };
}

function readNext<Kind extends ItemKind>(
  items: Iterable<ApiItems[Kind]>,
  kind: Kind,
  query: ListQuery,
): ListPage<Kind> {
  const page: ApiItems[Kind][] = [];
  for (const item of items) {
    if (!isSelected(kind, item, query)) continue;
    if (page.length === query.limit) {
      return { items: page, continueAfter: page.at(-1)?.metadata.name, summary: undefined };
    }
    page.push(item);
  }
  return { items: page, continueAfter: undefined, summary: undefined };
}

/** What the hub can narrow cheaply. The names may be of nothing at all; then nothing comes. */
function wantedOf(query: ListQuery): ItemsWanted {
  return {
    // Names are compared, never looked up by their shape, so a text that is no valid name selects nothing.
    cluster: onlyValue(query.fields, 'cluster') as ClusterName | undefined,
    placement: onlyValue(query.fields, 'placement') as PlacementName | undefined,
    after: query.after,
  };
}
