import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What arrived at a server, word for word: the judge of what was sent where. */
export interface RecordingServer extends AsyncDisposable {
  /** `http://127.0.0.1:port`, or https. */
  readonly url: string;
  readonly port: number;
  /** `GET /path Basic …`, in order; `-` where no Authorization came. */
  readonly requests: readonly string[];
  /** Connections, also those that asked nothing. */
  connections(): number;
}

/** How it answers; default 404. */
export type Answering = (request: IncomingMessage, response: ServerResponse) => void;

/** Starts a server on a free loopback port that remembers every connection and every request. */
export async function startRecordingServer(
  answer: Answering = (_request, response) => void response.writeHead(404).end(),
  tls?: { readonly key: string; readonly cert: string },
): Promise<RecordingServer> {
  const requests: string[] = [];
  let connections = 0;
  const record: Answering = (request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`);
    answer(request, response);
  };
  const server: Server = tls === undefined ? createServer(record) : createHttpsServer(tls, record);
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Answers every request with a redirect to what `target` makes of its path and query. */
export function redirecting(target: (asked: string) => string): Answering {
  return (request, response) => void response.writeHead(302, { Location: target(request.url ?? '/') }).end();
}
