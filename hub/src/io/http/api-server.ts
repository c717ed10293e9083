import { type Clock, FlotillaError, limits } from '@flotilla/shared/base';
import { formatHostPort, type HostPort, type Logger, randomUid } from '@flotilla/shared/kit';
import { isLoopbackHost, problemCodes } from '@flotilla/shared/model';
import type { HubApi } from '../../api-port.ts';
import { ApiError } from './api-error.ts';
import { ChangeLog, type EventStreams, eventStreams, startTicker } from './events/index.ts';
import { checkRequest, hashToken } from './guard.ts';
import { apiPrefix, openApiDocument } from './open-api.ts';
import type { Route, RouteDeps } from './route.ts';
import { eventWishOf, routes } from './routes/index.ts';
import { createWebServer, listenWith, type WebRequest, type WebServer } from './web-server.ts';

/** What the API is served from. */
export interface ApiServerOptions {
  readonly api: HubApi;
  /** Loopback only. Port 0 is chosen by the system. */
  readonly listen: HostPort;
  /** Bearer token that every request must carry. */
  readonly token: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The running API. */
export interface ApiServer extends AsyncDisposable {
  readonly address: HostPort;
  /** Open event streams, and how often a reader fell behind; for metrics. */
  readonly streams: Pick<EventStreams, 'count' | 'lagged'>;
  /** Requests so far by their answers: given (below 400), refused (4xx), failed (5xx); for metrics. */
  readonly counts: { readonly given: number; readonly refused: number; readonly failed: number };
}

/** When an answer was true, the hub's clock in milliseconds: readers count ages from it. */
const asOfHeader = 'flotilla-as-of';
/** An action or read that has taken so long is given up. */
const handlerMs = 20_000;
const connectionsMax = 1_024;

/**
 * Serves the API until disposed. Rejects with ListenError when the address is taken, and with FlotillaError
 * (NOT_LOOPBACK) for an address that others could reach: there are no users and roles yet.
 */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { api, clock, listen, log } = options;
  if (!isLoopbackHost(listen.host)) {
    const message = `the API must not listen on ${formatHostPort(listen)}: it has no users yet, so only loopback addresses are allowed`;
    throw new FlotillaError(message, { code: 'NOT_LOOPBACK', retry: 'never' });
  }
  const closing = new AbortController();
  const changes = new ChangeLog(randomUid().slice(0, 8));
  const ticker = startTicker({ clock, log: changes, changes: api.changes });
  const streams = eventStreams({ api, clock, log: changes, ticker }, closing.signal);
  const server = createWebServer({
    bodyBytesMax: limits.apiBodyBytesMax,
    connectionsMax,
    log,
    pathHint: `the API is described at ${apiPrefix}/openapi.json`,
  });
  // Bodies are JSON or refused: what a plain form of another site can send is nothing we take.
  server.removeContentTypeParser('text/plain');
  const tokenHash = hashToken(options.token);
  const counts = { given: 0, refused: 0, failed: 0 };
  server.addHook('onResponse', async (_request, reply) => {
    counts[outcomeOf(reply.statusCode)] += 1;
  });
  server.addHook('onRequest', async (request) => {
    checkRequest({ host: request.headers.host, authorization: request.headers.authorization }, tokenHash);
  });
  addRoutes(server, { api, clock, changes }, closing.signal);
  addEvents(server, api, streams);
  const address = await listenWith(server, listen, 'the API');
  return {
    address,
    streams,
    counts,
    async [Symbol.asyncDispose]() {
      closing.abort(new DOMException('the hub is closing', 'AbortError'));
      ticker[Symbol.dispose]();
      await server.close();
    },
  };
}

function outcomeOf(status: number): keyof ApiServer['counts'] {
  if (status < 400) return 'given';
  return status < 500 ? 'refused' : 'failed';
}

function addRoutes(server: WebServer, deps: RouteDeps, closing: AbortSignal): void {
  for (const one of routes) {
    server.route({
      method: one.method,
      url: apiPrefix + one.path.replaceAll(/\{([a-z]+)\}/g, ':$1'),
      handler: async (request, reply) => {
        if (!one.isEarly) checkReady(deps.api);
        const answer = await one.handle(callOf(one, request, closing), deps);
        reply.header('cache-control', 'no-store').header(asOfHeader, String(deps.clock.wallMs()));
        return reply.code(one.status).send(answer);
      },
    });
  }
  const document = JSON.stringify(openApiDocument());
  server.get(`${apiPrefix}/openapi.json`, (_request, reply) => reply.type('application/json').send(document));
}

function addEvents(server: WebServer, api: HubApi, streams: EventStreams): void {
  server.get(`${apiPrefix}/events`, (request, reply) => {
    checkReady(api);
    const resumed = request.headers['last-event-id'];
    streams.open(reply, eventWishOf(request.query, typeof resumed === 'string' ? resumed : undefined));
  });
}

function callOf(route: Route, request: WebRequest, closing: AbortSignal): Parameters<Route['handle']>[0] {
  const signal = AbortSignal.any([closing, AbortSignal.timeout(handlerMs)]);
  const { query, body } = request;
  if (route.body === undefined && body !== undefined) {
    throw new ApiError(400, {
      code: problemCodes.invalidRequest,
      text: `${route.method} ${route.path} takes no body`,
    });
  }
  if (route.query === undefined && Object.keys(Object(query)).length > 0) {
    throw new ApiError(400, {
      code: problemCodes.invalidRequest,
      text: `${route.method} ${route.path} takes no query`,
    });
  }
  // The router gives every word of the path as text.
  const params = request.params as { readonly [name: string]: string };
  return { params, query, body, signal };
}

/** A hub that has not read everything must not answer with lists that look empty. */
function checkReady(api: HubApi): void {
  const [first] = api.facts().hub.notReady;
  if (first === undefined) return;
  throw new ApiError(503, {
    code: problemCodes.hubStarting,
    text: 'the hub cannot speak for the fleet yet',
    cause: first.text,
    stillTrue: 'clusters keep what they have',
    next: 'flotilla status',
  });
}
