import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeError, FlotillaError } from '../base/index.ts';
import { formatHostPort, type HostPort } from './settings/parsers.ts';

/** A listener could not be opened. */
export class ListenError extends FlotillaError {
  override readonly name = 'ListenError';
}

/** One named condition of a program; the text says why, for people. */
export interface HealthCheck {
  readonly name: string;
  readonly isOk: boolean;
  readonly text: string;
}

/** What the server tells. */
export interface HealthOptions {
  readonly listen: HostPort;
  /** Whether a restart would help if not: only what the process cannot mend itself. */
  readonly live: () => readonly HealthCheck[];
  /** Whether it can do its work now. */
  readonly ready: () => readonly HealthCheck[];
  /** The page at /metrics. */
  readonly metrics: { readonly contentType: string; render(): Promise<string> };
}

/** A running health server. */
export interface HealthServer extends AsyncDisposable {
  readonly address: HostPort;
}

const headersTimeoutMs = 5_000;
const requestHeadersMax = 8_192;

/** Serves /healthz, /readyz and /metrics. Rejects with ListenError when the address is taken. */
export async function startHealthServer(options: HealthOptions): Promise<HealthServer> {
  const server = createServer(
    { headersTimeout: headersTimeoutMs, requestTimeout: headersTimeoutMs, maxHeaderSize: requestHeadersMax },
    (request, response) => {
      answer(options, request, response).catch((error: unknown) => {
        if (!response.headersSent) send(response, 500, `${describeError(error)}\n`);
      });
    },
  );
  const address = await listenOn(server, options.listen, 'health and metrics');
  return {
    address,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Opens a server's listener; port 0 is chosen by the system. Rejects with ListenError that names what it was for. */
export async function listenOn(server: Server, listen: HostPort, purpose: string): Promise<HostPort> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `cannot listen on ${formatHostPort(listen)} for ${purpose}`;
      reject(new ListenError(message, { code: 'LISTEN', retry: 'never', cause }));
    });
    server.listen(listen.port, listen.host, () => resolve());
  });
  // A TCP server that listens has an AddressInfo; strings and null are of pipes and closed servers.
  const { port } = server.address() as AddressInfo;
  return { host: listen.host, port };
}

async function answer(
  options: HealthOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0];
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'only GET\n');
  if (path === '/healthz') return sendChecks(response, options.live());
  if (path === '/readyz') return sendChecks(response, options.ready());
  if (path === '/metrics')
    return send(response, 200, await options.metrics.render(), options.metrics.contentType);
  return send(response, 404, 'here are /healthz, /readyz and /metrics\n');
}

function sendChecks(response: ServerResponse, checks: readonly HealthCheck[]): void {
  const isOk = checks.every((check) => check.isOk);
  const lines = checks.map(({ name, isOk: isGood, text }) =>
    `[${isGood ? '+' : '-'}] ${name} ${text}`.trimEnd(),
  );
  send(response, isOk ? 200 : 503, `${[...lines, isOk ? 'ok' : 'not ok'].join('\n')}\n`);
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  contentType = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' });
  response.end(body);
}
