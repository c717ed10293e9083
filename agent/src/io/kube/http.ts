import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { errorCode, limits } from '@flotilla/shared/base';
import type { KubeConfig } from './config.ts';
import { createTokenReader } from './token.ts';

/** One request to the API server. `path` starts with `/` and is already escaped. */
export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: string;
}

/** A whole answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  readonly retryAfterMs: number | undefined;
}

/** The answer was larger than limits.kubeAnswerBytesMax. */
export class AnswerTooLargeError extends Error {
  override readonly name = 'AnswerTooLargeError';
}

/** Sends requests over kept connections. Rejects with plain errors, or with the signal's reason when aborted. */
export interface HttpClient {
  /** Sends and reads the whole answer, within the deadline of the configuration. */
  send(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer>;
  /** Sends and hands the answer out as it arrives; the caller reads it or destroys it. */
  open(call: HttpCall, signal: AbortSignal): Promise<IncomingMessage>;
  close(): void;
}

/** Requests that may be in flight at once; more wait. Watches have connections of their own. */
const parallelRequestsMax = 16;
/** Unused connections are closed before the API server does it (90 s), so that no request meets a closing one. */
const idleConnectionMs = 60_000;
const json = 'application/json';

type ServerAddress = RequestOptions & { readonly path: string };

/** Taken apart once: as text it would be parsed for each request. `path` is below which the API is served, without a slash at its end. */
function addressOf(serverUrl: string): ServerAddress {
  const { path, ...address } = urlToHttpOptions(new URL(serverUrl));
  return { ...address, path: (path ?? '').replace(/\/$/, '') };
}

/** All of its connections go to one server under one identity: Node would spell out both, PEMs and all, for each request. */
class OneServerAgent extends HttpsAgent {
  override getName(): string {
    return 'the API server';
  }
}

/** Opens the client: keep-alive for requests, one connection for each watch. */
export function openHttpClient(config: KubeConfig): HttpClient {
  const isPlain = config.serverUrl.startsWith('http://');
  const tls: AgentOptions = {
    ...(config.caPem === undefined ? {} : { ca: config.caPem }),
    ...(config.clientCertPem === undefined ? {} : { cert: config.clientCertPem }),
    ...(config.clientKeyPem === undefined ? {} : { key: config.clientKeyPem }),
    ...(config.tlsServerName === undefined ? {} : { servername: config.tlsServerName }),
    rejectUnauthorized: !config.isInsecure,
  };
  const kept = { keepAlive: true, maxSockets: parallelRequestsMax, timeout: idleConnectionMs };
  const requests = isPlain ? new HttpAgent(kept) : new OneServerAgent({ ...tls, ...kept });
  const watches = isPlain
    ? new HttpAgent({ keepAlive: false })
    : new OneServerAgent({ ...tls, keepAlive: false });
  const send = isPlain ? httpRequest : httpsRequest;
  const tokens = createTokenReader(config.token);
  let server: ServerAddress | undefined;

  async function start(call: HttpCall, stop: AbortSignal, agent: HttpAgent | HttpsAgent) {
    const token = await tokens.current();
    const headers = {
      accept: call.accept ?? json,
      'user-agent': config.userAgent,
      ...(call.body === undefined ? {} : bodyHeaders(call.body, call.contentType ?? json)),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    stop.throwIfAborted();
    server ??= addressOf(config.serverUrl);
    const path = `${server.path}${call.path}`;
    const options = { ...server, path, method: call.method, agent, headers };
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = send(options, resolve);
      // By hand: what Node does for a signal costs a good part of a small request. A destroyed request ends its answer, too.
      const end = () => {
        reject(stop.reason);
        outgoing.destroy(stop.reason);
      };
      stop.addEventListener('abort', end, { once: true });
      outgoing.once('close', () => stop.removeEventListener('abort', end));
      outgoing.on('error', reject);
      outgoing.end(call.body);
    });
  }

  async function startAuthenticated(call: HttpCall, stop: AbortSignal, agent: HttpAgent | HttpsAgent) {
    const response = await start(call, stop, agent);
    if (response.statusCode !== 401 || !(await tokens.refresh())) return response;
    response.resume();
    return await start(call, stop, agent);
  }

  return {
    async send(call, signal) {
      signal.throwIfAborted();
      const stop = new AbortController();
      const leave = () => stop.abort(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
      const { requestMs } = config.timing;
      const deadline = setTimeout(() => stop.abort(new Error(`no answer within ${requestMs} ms`)), requestMs);
      try {
        const answer = await retriedOnReset(call, async () =>
          readWhole(await startAuthenticated(call, stop.signal, requests)),
        );
        // What was ended on the way may look whole.
        stop.signal.throwIfAborted();
        return answer;
      } catch (error) {
        throw stop.signal.aborted ? stop.signal.reason : error;
      } finally {
        clearTimeout(deadline);
        signal.removeEventListener('abort', leave);
      }
    },
    open: (call, signal) => startAuthenticated(call, signal, watches),
    close() {
      requests.destroy();
      watches.destroy();
    },
  };
}

/**
 * The length is always said: without it Node sends the body of a DELETE as if it were the next request, and the server
 * deletes without the preconditions that the body carries.
 */
function bodyHeaders(body: string, contentType: string): Readonly<Record<string, string>> {
  return { 'content-type': contentType, 'content-length': String(Buffer.byteLength(body)) };
}

/** A kept connection may be closed by the server just as we use it: a read is then asked once more. */
async function retriedOnReset(call: HttpCall, run: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  try {
    return await run();
  } catch (error) {
    const wasReset = errorCode(error) === 'ECONNRESET' || errorCode(error) === 'EPIPE';
    if (call.method !== 'GET' || !wasReset) throw error;
    return await run();
  }
}

/** Listens instead of iterating: an iterator over each small answer costs more than the answer. */
async function readWhole(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  await new Promise<void>((resolve, reject) => {
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= limits.kubeAnswerBytesMax) return;
      chunks.length = 0;
      reject(new AnswerTooLargeError(`the answer is larger than ${limits.kubeAnswerBytesMax} bytes`));
      response.destroy();
    });
    response.once('end', resolve);
    response.on('error', reject);
  });
  return {
    status: response.statusCode ?? 0,
    text: Buffer.concat(chunks).toString('utf8'),
    retryAfterMs: retryAfterOf(response),
  };
}

/** Retry-After in seconds, as the API server sends it (RFC 9110 10.2.3); its date form is not used there. */
export function retryAfterOf(response: IncomingMessage): number | undefined {
  const seconds = Number.parseInt(response.headers['retry-after'] ?? '', 10);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}
