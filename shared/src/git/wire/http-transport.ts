import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { getCACertificates } from 'node:tls';
import { errorCode } from '../../base/index.ts';
import { GitError } from '../git-error.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import { connectionError, throughProxyError } from './http-failure.ts';
import { shownProxy } from './proxy.ts';
import type { GitTimeouts } from './remote-settings.ts';
import type { HttpUrl } from './remote-url.ts';

/** One HTTP exchange with the server. */
export interface Exchange {
  readonly method: 'GET' | 'POST';
  /** Path with query, on the server's origin; begins with `/`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** An answer whose head has arrived. Read `body` to its end, or dispose. */
export interface Answer extends Disposable {
  readonly status: number;
  readonly contentType: string;
  readonly location: string | undefined;
  /** Chunks as they come; throws GitError on time-outs and broken connections, the signal's reason on abort. */
  readonly body: AsyncIterable<Buffer>;
}

/** Sends requests to one origin over kept-alive connections. */
export interface HttpTransport {
  send(exchange: Exchange, signal: AbortSignal): Promise<Answer>;
  close(): void;
}

/** What a transport is made from. */
export interface HttpTransportOptions {
  readonly url: HttpUrl;
  /** For messages. */
  readonly shownUrl: string;
  readonly timeouts: GitTimeouts;
  readonly caPem?: string;
  /** Through which proxy; undefined = directly. */
  readonly proxyUrl?: string | undefined;
  readonly lookup: LookupFunction;
}

/** Connections kept for one remote: its fetches run one after the other, save for a few at start. */
const socketsMax = 4;
/** Idle connections are closed before common servers close them (nginx 75 s, GitHub 60 s). */
const idleSocketMs = 15_000;

/** Opens nothing yet; the first request connects. */
export function httpTransport(options: HttpTransportOptions): HttpTransport {
  const agent = makeAgent(options);
  const open = (exchange: Exchange) => {
    const send = options.url.protocol === 'https:' ? httpsRequest : httpRequest;
    // Put together as text: resolved as a reference, a path that begins with `//` would name another server.
    return send(new URL(`${options.url.origin}${exchange.path}`), {
      agent,
      method: exchange.method,
      headers: {
        ...exchange.headers,
        ...(exchange.body === undefined ? {} : { 'Content-Length': exchange.body.length }),
      },
    });
  };
  return {
    async send(exchange, signal) {
      signal.throwIfAborted();
      const deadline = startDeadline(options.shownUrl, options.timeouts, signal);
      try {
        const response = await firstAnswer(() => open(exchange), exchange.body, deadline);
        return answerOf(response, deadline, options.shownUrl);
      } catch (caught) {
        deadline[Symbol.dispose]();
        throw failure(caught, deadline, options);
      }
    },
    close: () => agent.destroy(),
  };
}

function makeAgent(options: HttpTransportOptions): HttpAgent {
  const { caPem, lookup, proxyUrl } = options;
  const common = { keepAlive: true, maxSockets: socketsMax, timeout: idleSocketMs };
  if (options.url.protocol === 'http:') return new HttpAgent({ ...common, lookup });
  const ca = caPem === undefined ? {} : { ca: [...getCACertificates('default'), caPem] };
  if (proxyUrl === undefined) return new HttpsAgent({ ...common, ...ca, lookup });
  // Only the proxy's own name is looked up here, and whoever runs the program chose it.
  return new HttpsAgent({ ...common, ...ca, proxyEnv: { HTTPS_PROXY: proxyUrl } });
}

/** Sends until the head of an answer is there; once more when a kept-alive connection turned out to be closed. */
async function firstAnswer(
  open: () => ClientRequest,
  body: Buffer | undefined,
  deadline: Deadline,
): Promise<IncomingMessage> {
  for (let attempt = 0; ; attempt += 1) {
    const request = open();
    const onAbort = () => request.destroy(deadline.signal.reason);
    deadline.signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await new Promise<IncomingMessage>((resolve, reject) => {
        request.once('response', resolve);
        // Stays on: after the head has arrived the body's reader tells of errors, and this one is ignored.
        request.on('error', reject);
        request.end(body);
      });
    } catch (caught) {
      const isStale = request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(errorCode(caught) ?? '');
      if (!isStale || attempt > 0 || deadline.signal.aborted) throw caught;
    } finally {
      deadline.signal.removeEventListener('abort', onAbort);
    }
  }
}

function answerOf(response: IncomingMessage, deadline: Deadline, shownUrl: string): Answer {
  const onAbort = () => response.destroy(deadline.signal.reason);
  deadline.signal.addEventListener('abort', onAbort, { once: true });
  response.on('error', () => {});
  function dispose(): void {
    deadline.signal.removeEventListener('abort', onAbort);
    deadline[Symbol.dispose]();
    if (!response.readableEnded) response.destroy();
  }
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      deadline.touch();
      for await (const chunk of response) {
        deadline.pause();
        yield chunk;
        deadline.touch();
      }
      if (deadline.signal.aborted) throw deadline.signal.reason;
    } catch (caught) {
      throw brokenOff(caught, deadline, shownUrl);
    } finally {
      dispose();
    }
  }
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? '',
    location: response.headers.location,
    body: chunks(),
    [Symbol.dispose]: dispose,
  };
}

/** An abort keeps the caller's reason; a deadline its GitError; anything else is a connection that failed. */
function failure(caught: unknown, deadline: Deadline, options: HttpTransportOptions): unknown {
  if (deadline.signal.aborted) return deadline.signal.reason;
  const { proxyUrl, shownUrl } = options;
  return proxyUrl === undefined
    ? connectionError(shownUrl, caught)
    : throughProxyError(shownUrl, shownProxy(proxyUrl), caught);
}

/** The same within a body: what is left is an answer that was cut off. */
function brokenOff(caught: unknown, deadline: Deadline, shownUrl: string): unknown {
  if (deadline.signal.aborted) return deadline.signal.reason;
  if (caught instanceof GitError) return caught;
  return new GitError('GIT_TRUNCATED_ANSWER', `${shownUrl} closed the connection within its answer`, caught);
}
