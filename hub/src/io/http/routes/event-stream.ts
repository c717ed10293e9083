import { problemCodes } from '@flotilla/shared/model';
import { badRequest } from '../api-error.ts';
import type { Interest } from '../events/index.ts';
import { check } from '../route.ts';
import { eventsQuerySchema } from '../schema/index.ts';
import { selectionOf } from './list-routes.ts';

/** What a reader of the event stream asks for. Throws ApiError. */
export function eventWishOf(
  query: unknown,
  lastEventId: string | undefined,
): { readonly interest: Interest; readonly since: string | undefined } {
  const { kinds, since, ...texts } = check(eventsQuerySchema, query, 'query');
  const itemKinds = kinds.filter((kind) => kind !== 'status');
  const facts = kinds.includes('status');
  const [only] = itemKinds;
  const hasSelector = (texts.labelSelector ?? texts.fieldSelector ?? '') !== '';
  if (hasSelector && (only === undefined || itemKinds.length > 1)) {
    throw badRequest(
      { text: 'selectors need exactly one kind', cause: `kinds are ${kinds.join(',')}` },
      problemCodes.invalidSelector,
    );
  }
  const selection = hasSelector && only !== undefined ? selectionOf(only, texts) : { labels: [], fields: [] };
  return { interest: { ...selection, kinds: new Set(itemKinds), facts }, since: since ?? lastEventId };
}
