import { setTimeout as delay } from 'node:timers/promises';
import type { ApiItems, ItemKind } from '@flotilla/shared/model';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';
import { parseAnswer, refusalOf } from './api-client.ts';
import { openRequest, readBody, unreachable } from './connection.ts';
import type { HubAddress } from './find-hub.ts';
import { type SseMessage, SseParser } from './sse-parser.ts';

/** What somebody who follows a list hears. */
export type Followed<Kind extends ItemKind> =
  | {
      readonly kind: 'changed';
      readonly items: readonly ApiItems[Kind][];
      /** Names of items that went, or no longer fit the selectors; maybe never known. */
      readonly gone: readonly string[];
      readonly asOfMs: number;
    }
  /** The hub begins anew: what follows until `synced` is everything there is. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'synced'; readonly asOfMs: number }
  /** States in between were left out. */
  | { readonly kind: 'lagged'; readonly text: string }
  /** Nothing is heard for now; it is tried again. */
  | { readonly kind: 'lost'; readonly error: CliError }
  | { readonly kind: 'back' };

/** What to follow, and from where. */
export interface FollowWanted<Kind extends ItemKind> {
  readonly kind: Kind;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Sequence of the list that is known already. */
  readonly since: string;
}

const retryMs = { first: 500, most: 10_000 };
/** The hub says something every 15 s: three times that is silence. */
const silenceMs = 45_000;

/**
 * Follows a kind of item for ever: resumes where it was when the hub goes away and comes back. Rejects with CliError
 * when the hub refuses, and with the signal's reason.
 */
export async function* follow<Kind extends ItemKind>(
  hub: HubAddress,
  wanted: FollowWanted<Kind>,
  signal: AbortSignal,
): AsyncGenerator<Followed<Kind>, void> {
  let since = wanted.since;
  let pauseMs: number = retryMs.first;
  let isLost = false;
  while (!signal.aborted) {
    try {
      for await (const message of readStream(hub, { ...wanted, since }, signal)) {
        if (isLost) yield { kind: 'back' };
        isLost = false;
        pauseMs = retryMs.first;
        const heard = understand<Kind>(message);
        if (heard !== undefined) yield heard;
        since = message.id ?? since;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof CliError) || error.exitCode !== exitCodes.hubUnreachable) throw error;
      if (!isLost) yield { kind: 'lost', error };
      isLost = true;
    }
    await delay(pauseMs, undefined, { signal });
    pauseMs = Math.min(pauseMs * 2, retryMs.most);
  }
}

async function* readStream(
  hub: HubAddress,
  wanted: FollowWanted<ItemKind>,
  signal: AbortSignal,
): AsyncGenerator<SseMessage, void> {
  const query = new URLSearchParams({ kinds: wanted.kind, since: wanted.since });
  if (wanted.labelSelector) query.set('labelSelector', wanted.labelSelector);
  if (wanted.fieldSelector) query.set('fieldSelector', wanted.fieldSelector);
  const answer = await openRequest(hub, { method: 'GET', path: `/events?${query}` }, signal);
  const status = answer.statusCode ?? 0;
  if (status !== 200) throw refusalOf(hub, status, parseAnswer(hub, await readBody(hub, answer)));
  if (answer.headers['content-type']?.startsWith('text/event-stream') !== true) {
    answer.destroy();
    throw refusalOf(hub, status, {});
  }
  answer.setTimeout(silenceMs, () => answer.destroy(new Error('the hub has not said anything for 45 s')));
  const parser = new SseParser();
  answer.setEncoding('utf8');
  try {
    for await (const chunk of answer) yield* parser.push(String(chunk));
  } catch (error) {
    throw unreachable(hub, error);
  }
}

/** Messages that this program does not know are of a newer hub, and left out. */
function understand<Kind extends ItemKind>(message: SseMessage): Followed<Kind> | undefined {
  // The hub writes these messages from the same documents; what is missing in a newer one shows as absent.
  const data = JSON.parse(message.data) as {
    readonly asOfMs: number;
    readonly items?: readonly ApiItems[Kind][];
    readonly changed?: readonly ApiItems[Kind][];
    readonly gone?: readonly { readonly name: string }[];
    readonly text?: string;
  };
  switch (message.event) {
    case 'snapshot':
      return { kind: 'changed', items: data.items ?? [], gone: [], asOfMs: data.asOfMs };
    case 'delta': {
      const gone = (data.gone ?? []).map(({ name }) => name);
      return { kind: 'changed', items: data.changed ?? [], gone, asOfMs: data.asOfMs };
    }
    case 'synced':
      return { kind: 'synced', asOfMs: data.asOfMs };
    case 'reset':
      return { kind: 'reset' };
    case 'lagged':
      return { kind: 'lagged', text: data.text ?? '' };
    default:
      return undefined;
  }
}
