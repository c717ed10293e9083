import { CheckUnansweredError } from '@flotilla/hub/io/check';
import type { CheckAsked, CheckPort, CheckReply } from '@flotilla/hub/ports';
import { limits } from '@flotilla/shared/base';

/** How somebody who is asked behaves. */
export type CheckBehaviour =
  | (Pick<CheckReply, 'status' | 'body'> & { readonly retryAfterMs?: number })
  /** Takes the question and never answers. */
  | 'silent'
  /** Breaks off within its answer. */
  | 'broken';

/** Whom the hub may ask, in memory. */
export interface MemoryChecks extends CheckPort {
  /** What every URL answers. */
  behaviour: CheckBehaviour;
  /** Questions that were received, with what they were signed with; '' = nothing. */
  readonly received: readonly { readonly asked: CheckAsked; readonly authorization: string }[];
}

/** Settings as the real adapter has them, as far as they matter in memory. */
export interface MemoryChecksSettings {
  readonly allowPlainHttpHosts: readonly string[];
  /** Tokens by the names of their credentials, and the origin that each is for. */
  readonly credentials: { readonly [name: string]: { readonly origin: string; readonly token: string } };
}

/** Makes one that says yes to everything until told otherwise. */
export function memoryChecks(
  settings: MemoryChecksSettings = { allowPlainHttpHosts: [], credentials: {} },
): MemoryChecks {
  const received: MemoryChecks['received'][number][] = [];
  const memory: MemoryChecks = {
    behaviour: { status: 200, body: '{"pass":true}' },
    received,
    async ask(asked, signal) {
      signal.throwIfAborted();
      const authorization = judge(asked, settings);
      received.push({ asked, authorization });
      const { behaviour } = memory;
      if (behaviour === 'silent') return await silence(asked, signal);
      if (behaviour === 'broken') throw new CheckUnansweredError('CHECK_UNREACHABLE', 'broke off');
      const { body, retryAfterMs, status } = behaviour;
      if (body.length > limits.checkReplyBytesMax)
        throw new CheckUnansweredError('CHECK_REPLY_TOO_LARGE', 'too large');
      return { status, body, retryAfterMs };
    },
  };
  return memory;
}

/** What the question is signed with, or the refusal to ask it. */
function judge({ credential, url }: CheckAsked, settings: MemoryChecksSettings): string {
  const { hostname, origin, protocol } = new URL(url);
  if (protocol !== 'https:' && !settings.allowPlainHttpHosts.includes(hostname)) {
    throw new CheckUnansweredError('CHECK_URL_REFUSED', `${url} is plain http`);
  }
  if (credential === undefined) return '';
  const known = settings.credentials[credential];
  if (known?.origin !== origin)
    throw new CheckUnansweredError('CHECK_CREDENTIAL', `no ${credential} for ${origin}`);
  return `Bearer ${known.token}`;
}

async function silence({ timeoutMs }: CheckAsked, signal: AbortSignal): Promise<never> {
  const over = AbortSignal.timeout(timeoutMs);
  await new Promise((resolve) => {
    AbortSignal.any([over, signal]).addEventListener('abort', resolve, { once: true });
  });
  signal.throwIfAborted();
  throw new CheckUnansweredError('CHECK_TIMEOUT', `silent for ${timeoutMs} ms`);
}
