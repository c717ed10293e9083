import { readFile } from 'node:fs/promises';
import { type Clock, FlotillaError, limits } from '@flotilla/shared/base';
import type { HostPort, Logger } from '@flotilla/shared/kit';
import { problemCodes } from '@flotilla/shared/model';
import { ApiError } from '../api-error.ts';
import { createWebServer, listenWith } from '../web-server.ts';
import { debounce } from './debounce.ts';
import { Deliveries } from './deliveries.ts';
import { judgeWebhook } from './signature.ts';

/** What the webhook listener needs. */
export interface WebhookServerOptions {
  readonly listen: HostPort;
  /** Shared with the Git servers. */
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called when a genuine webhook says that something was pushed; must only wake somebody. */
  readonly onPush: () => void;
}

/** The running listener. */
export interface WebhookServer extends AsyncDisposable {
  readonly address: HostPort;
  /** Webhooks so far by what became of them; for metrics. */
  readonly counts: { readonly taken: number; readonly repeated: number; readonly refused: number };
}

/** The secret of the webhooks cannot be used. */
export class WebhookSecretError extends FlotillaError {
  override readonly name = 'WebhookSecretError';
}

const quietMs = 1_000;
const connectionsMax = 256;
const secretLengthMin = 8;

/** Reads webhook-secret-file; white space at its ends does not count. Rejects with WebhookSecretError when it is too short. */
export async function readWebhookSecret(path: string): Promise<string> {
  const secret = (await readFile(path, 'utf8')).trim();
  if (secret.length >= secretLengthMin) return secret;
  throw new WebhookSecretError(`${path} holds fewer than ${secretLengthMin} characters`, {
    code: 'WEBHOOK_SECRET_SHORT',
    retry: 'never',
  });
}

/**
 * Serves POST /hooks/git until disposed. A webhook is a hint: its signature is checked over the raw bytes before
 * anything else, its content is never read, and all it does is wake. Rejects with ListenError.
 */
export async function startWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const closing = new AbortController();
  const counts = { taken: 0, repeated: 0, refused: 0 };
  const deliveries = new Deliveries();
  const wake = debounce(options.onPush, { clock: options.clock, quietMs }, closing.signal);
  const server = createWebServer({
    bodyBytesMax: limits.webhookBytesMax,
    connectionsMax,
    log: options.log,
    pathHint: 'this listener takes POST /hooks/git and nothing else',
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.post('/hooks/git', (request, reply) => {
    // The parser above gives bytes; a request without body has none.
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    const verdict = judgeWebhook(body, request.headers, options.secret);
    if (verdict !== 'genuine') {
      counts.refused += 1;
      options.log.warn('a webhook was refused', { address: request.ip, reason: verdict });
      throw notGenuine(verdict);
    }
    if (deliveries.isRepeated(request.headers)) {
      counts.repeated += 1;
      return reply.code(200).send({ isTaken: false, text: 'this delivery was taken before' });
    }
    counts.taken += 1;
    wake();
    return reply.code(202).send({ isTaken: true });
  });
  const address = await listenWith(server, options.listen, 'webhooks');
  return {
    address,
    counts,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await server.close();
    },
  };
}

function notGenuine(verdict: 'forged' | 'unsigned'): ApiError {
  return new ApiError(401, {
    code: problemCodes.notAuthorised,
    text: verdict === 'unsigned' ? 'the webhook is not signed' : 'the signature of the webhook is wrong',
    cause:
      verdict === 'unsigned'
        ? 'it needs X-Hub-Signature-256, X-Flotilla-Signature-256 or X-Gitlab-Token'
        : 'the secret of the Git server is not the one in webhook-secret-file',
    stillTrue: 'the hub looks at its repositories every poll interval anyway',
  });
}
