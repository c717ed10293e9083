import { limits, type Result } from '@flotilla/shared/base';
import { closestName } from '@flotilla/shared/kit/settings';
import {
  type ApiItems,
  type ApiList,
  apiVersion,
  type Described,
  type Explanation,
  type ItemKind,
  type ProblemCode,
  problemCodes,
} from '@flotilla/shared/model';
import type { HubApi } from '../../../api-port.ts';
import { ApiError, badRequest } from '../api-error.ts';
import {
  fieldNames,
  formatContinue,
  mistakesApart,
  parseContinue,
  parseFieldSelector,
  parseLabelSelector,
  readPage,
  type Selection,
  warningsOf,
} from '../list/index.ts';
import { type Route, type RouteDeps, route } from '../route.ts';
import { type ListRequest, listKinds, listQuerySchema } from '../schema/index.ts';

interface KindWords {
  readonly kind: ItemKind;
  /** As in schema names and the `id` of routes. */
  readonly one: string;
  readonly path: string;
  /** Words of the path that make the item's name. */
  readonly words: readonly string[];
  readonly unknown: ProblemCode;
}

const kinds: readonly KindWords[] = [
  {
    kind: 'clusters',
    one: 'Cluster',
    path: '/clusters',
    words: ['name'],
    unknown: problemCodes.clusterUnknown,
  },
  {
    kind: 'placements',
    one: 'Placement',
    path: '/placements',
    words: ['name'],
    unknown: problemCodes.placementUnknown,
  },
  {
    kind: 'assignments',
    one: 'Assignment',
    path: '/assignments',
    words: ['cluster', 'placement'],
    unknown: problemCodes.assignmentUnknown,
  },
  {
    kind: 'rollouts',
    one: 'Rollout',
    path: '/rollouts',
    words: ['name'],
    unknown: problemCodes.rolloutUnknown,
  },
];

/** List, get and describe of every kind, and why a placement is, or is not, on a cluster. */
export const listRoutes: readonly Route[] = [
  ...kinds.flatMap(routesOf),
  route({
    method: 'GET',
    path: '/explain/{cluster}/{placement}',
    id: 'explain',
    summary: 'Why a placement is, or is not, on a cluster as it is.',
    answer: 'Explanation',
    handle: ({ params }, { api }) => explainOne(api, params['cluster'] ?? '', params['placement'] ?? ''),
  }),
];

function explainOne(api: HubApi, cluster: string, placement: string): Explanation {
  const explained = api.explain(cluster, placement);
  if (explained.ok) return explained.value;
  const isCluster = explained.error === 'cluster';
  const name = JSON.stringify((isCluster ? cluster : placement).slice(0, 140));
  throw new ApiError(404, {
    code: isCluster ? problemCodes.clusterUnknown : problemCodes.placementUnknown,
    text: `there is no ${explained.error} ${name}`,
    next: `flotilla get ${explained.error}s`,
  });
}

function routesOf(words: KindWords): readonly Route[] {
  const { kind, one, path } = words;
  const itemPath = path + words.words.map((word) => `/{${word}}`).join('');
  const nameOf = (params: { readonly [word: string]: string }): string =>
    words.words.map((word) => params[word] ?? '').join('/');
  return [
    route({
      method: 'GET',
      path,
      id: `list${one}s`,
      summary: `${one}s that the selectors choose, counted, in pages.`,
      query: listQuerySchema(fieldNames(kind)),
      answer: listKinds[kind],
      handle: ({ query }, deps) => listItems(deps, kind, query),
    }),
    route({
      method: 'GET',
      path: itemPath,
      id: `get${one}`,
      summary: `One ${one.toLowerCase()}.`,
      answer: one,
      handle: ({ params }, { api }) => getItem(api, words, nameOf(params)),
    }),
    route({
      method: 'GET',
      path: `${itemPath}/describe`,
      id: `describe${one}`,
      summary: `One ${one.toLowerCase()} with what belongs to it.`,
      answer: `Described${one}`,
      handle: ({ params }, deps) => describeItem(deps, words, nameOf(params)),
    }),
  ];
}

function listItems<Kind extends ItemKind>(
  { api, clock, changes }: RouteDeps,
  kind: Kind,
  request: ListRequest,
): ApiList<ApiItems[Kind]> {
  const selection = selectionOf(kind, request);
  const selectors = `${request.labelSelector ?? ''}|${request.fieldSelector ?? ''}`;
  const after = continuationOf(kind, request, selectors);
  const limit = request.limit ?? limits.apiPageItemsMax;
  const page = readPage(api, kind, { ...selection, limit, after, sort: request.sort });
  const next = page.continueAfter;
  const warnings = listWarnings(api, kind, clock.wallMs());
  return {
    apiVersion,
    kind: listKinds[kind],
    metadata: {
      sequence: changes.format(),
      asOfMs: clock.wallMs(),
      ...(next !== undefined && { continue: formatContinue({ kind, selectors, after: next }) }),
      ...(page.summary && { remainingItemCount: page.summary.total - page.items.length }),
      ...(warnings.length > 0 && { warnings }),
    },
    items: page.items,
    ...(page.summary && { summary: page.summary }),
  };
}

function listWarnings(api: HubApi, kind: ItemKind, nowMs: number): readonly string[] {
  const facts = api.facts();
  const around = warningsOf(kind, facts, nowMs);
  if (kind !== 'placements') return around;
  return [...around, ...mistakesApart(facts.control.errors, api.items('placements', {}))];
}

/** Reads the selectors of a request. Throws ApiError that says which term is wrong. */
export function selectionOf(
  kind: ItemKind,
  texts: { readonly labelSelector?: string | undefined; readonly fieldSelector?: string | undefined },
): Selection {
  return {
    labels: orRefuse(parseLabelSelector(kind, texts.labelSelector ?? ''), 'label selector'),
    fields: orRefuse(parseFieldSelector(kind, texts.fieldSelector ?? ''), 'field selector'),
  };
}

function orRefuse<Value>(read: Result<Value, string>, what: string): Value {
  if (read.ok) return read.value;
  throw badRequest({ text: `the ${what} is wrong`, cause: read.error }, problemCodes.invalidSelector);
}

function continuationOf(kind: ItemKind, request: ListRequest, selectors: string): string | undefined {
  if (request.continue === undefined) return undefined;
  const read = parseContinue(request.continue, { kind, selectors });
  if (read.ok && request.sort === 'name') return read.value;
  const cause = read.ok ? 'a list sorted by state has no next page' : `it ${read.error}`;
  throw badRequest(
    { text: 'the list cannot be continued', cause, next: 'ask for the first page again' },
    problemCodes.continueInvalid,
  );
}

function getItem<Kind extends ItemKind>(
  api: HubApi,
  words: KindWords & { readonly kind: Kind },
  name: string,
): ApiItems[Kind] {
  const item = api.item(words.kind, name);
  if (item === undefined) throw unknownItem(api, words, name);
  return item;
}

function describeItem<Kind extends ItemKind>(
  { api, clock }: RouteDeps,
  words: KindWords & { readonly kind: Kind },
  name: string,
): Described<ApiItems[Kind]> {
  const described = api.describe(words.kind, name);
  if (described === undefined) throw unknownItem(api, words, name);
  const warnings = warningsOf(words.kind, api.facts(), clock.wallMs());
  return warnings.length === 0 ? described : { ...described, warnings };
}

function unknownItem(api: HubApi, { kind, one, unknown }: KindWords, name: string): ApiError {
  const near = kind === 'assignments' ? undefined : closestName(name, namesOf(api, kind));
  const cause =
    near === undefined ? `no ${one.toLowerCase()} of this fleet has that name` : `did you mean ${near}?`;
  const next =
    kind === 'assignments'
      ? `flotilla get assignments --field cluster=${name.split('/', 1)[0]}`
      : `flotilla get ${kind}`;
  return new ApiError(404, {
    code: unknown,
    text: `there is no ${one.toLowerCase()} ${JSON.stringify(name.slice(0, 140))}`,
    cause,
    next,
  });
}

function* namesOf(api: HubApi, kind: ItemKind): Iterable<string> {
  for (const { metadata } of api.items(kind, {})) yield metadata.name;
}
