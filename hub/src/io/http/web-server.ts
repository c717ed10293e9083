import { describeError, limits } from '@flotilla/shared/base';
import { formatHostPort, type HostPort, ListenError, type Logger } from '@flotilla/shared/kit';
import { problemCodes } from '@flotilla/shared/model';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { type ApiError, toApiError } from './api-error.ts';

/** A web server of ours before it listens. */
export type WebServer = FastifyInstance;
/** One request that reached it. */
export type WebRequest = FastifyRequest;
/** Its answer. */
export type WebReply = FastifyReply;

/** What differs between our web servers. */
export interface WebServerOptions {
  readonly bodyBytesMax: number;
  /** Connections open at once; more are dropped by the system's accept. */
  readonly connectionsMax: number;
  readonly log: Logger;
  /** What the answer to an unknown path tells. */
  readonly pathHint: string;
}

/** A client that has not sent its headers by then is dropped. */
const headersTimeoutMs = 5_000;
/** A client that has not sent its whole request by then is dropped. */
const requestTimeoutMs = 15_000;
const keepAliveMs = 10_000;

/**
 * A fastify server with every bound set, whose errors all have the API's shape. No CORS header is ever sent, so that no
 * other site's page can read an answer.
 */
export function createWebServer(options: WebServerOptions): WebServer {
  const server = fastify({
    http: {
      headersTimeout: headersTimeoutMs,
      // Node looks only every 30 s otherwise.
      connectionsCheckingInterval: headersTimeoutMs,
      maxHeaderSize: limits.httpHeaderBytesMax,
    },
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    bodyLimit: options.bodyBytesMax,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: limits.frameNameMax },
    frameworkErrors: (error, _request, reply) => sendError(reply, toApiError(error)),
    clientErrorHandler: (error, socket) => {
      if (socket.writable && error.code !== 'ECONNRESET') socket.end(rawError(error));
      else socket.destroy();
    },
  });
  server.server.maxConnections = options.connectionsMax;
  server.setErrorHandler((error, request, reply) => {
    const failure = toApiError(error);
    if (failure.problem.code === problemCodes.hubDefect) {
      options.log.error('a request failed by a defect', {
        method: request.method,
        path: pathOf(request),
        error,
      });
    }
    sendError(reply, failure);
  });
  server.setNotFoundHandler((request, reply) => {
    const text = `there is no ${request.method} ${pathOf(request)}`;
    const problem = { code: problemCodes.unknownPath, text, cause: options.pathHint };
    reply.code(404).send({ error: problem });
  });
  return server;
}

/** Opens the listener; port 0 is chosen by the system. Rejects with ListenError. */
export async function listenWith(server: WebServer, listen: HostPort, purpose: string): Promise<HostPort> {
  try {
    await server.listen({ host: listen.host, port: listen.port });
  } catch (cause) {
    const message = `cannot listen on ${formatHostPort(listen)} for ${purpose}`;
    throw new ListenError(message, { code: 'LISTEN', retry: 'never', cause });
  }
  const address = server.server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { host: listen.host, port: port ?? listen.port };
}

/** Sends an error in the API's shape. */
export function sendError(reply: WebReply, error: ApiError): void {
  if (error.status === 401) reply.header('www-authenticate', 'Bearer realm="flotilla"');
  // Whoever is sent away lets go of the connection too, so that others find room.
  if (error.status === 503) reply.header('retry-after', '2').header('connection', 'close');
  reply.code(error.status).send({ error: error.problem });
}

/** The path alone: queries may hold what must not be logged. */
export function pathOf(request: WebRequest): string {
  return (request.url.split('?', 1)[0] ?? '').slice(0, limits.frameNameMax);
}

/** For bytes that are no HTTP: nobody has parsed a request, so the answer is written by hand. */
function rawError(error: Error): string {
  const problem = {
    code: problemCodes.invalidRequest,
    text: 'this is not an HTTP request that can be read',
    cause: describeError(error),
  };
  const body = JSON.stringify({ error: problem });
  return `HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
