import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AdminCredential } from '../../real/control-plane/index.ts';
import { isWatch, openForwarder, type PassedAnswer } from '../forwarder.ts';

/** How requests about one namespace are answered. */
export type NamespaceFault =
  /** 429 with Retry-After; nothing reaches the server. */
  | { readonly kind: 'throttled'; readonly retryAfterS: number }
  /** 500 as the API server gives it when its store fails; nothing reaches the server. */
  | { readonly kind: 'failing' }
  /** The server does what it is asked, and its answer comes too late to be heard. */
  | { readonly kind: 'late'; readonly byMs: number };

/** How the way to the server is. */
export type Way =
  | 'open'
  /** Watches end, and new ones break off; everything else is answered. */
  | 'without-watches'
  /** Every request is taken and hung up on. */
  | 'hung-up'
  /** Nothing listens. */
  | 'refused';

/** A request that came to the proxy. */
export interface SeenRequest {
  /** Monotonic. */
  readonly atMs: number;
  /** Without the query. */
  readonly path: string;
  readonly isThrottled: boolean;
}

/** A proxy in front of an API server that misbehaves when told to, and counts what it is asked. */
export interface FaultyProxy extends AsyncDisposable {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  /** Sets or ends the fault of a namespace. */
  misbehave(namespace: string, fault: NamespaceFault | undefined): void;
  /** Changes the way; resolves when it is so. */
  become(way: Way): Promise<void>;
}

/** Starts a proxy to an API server. It speaks plain HTTP to the agent, and passes its token on. */
export async function startFaultyProxy(credential: AdminCredential): Promise<FaultyProxy> {
  const forwarder = openForwarder(credential);
  const faults = new Map<string, NamespaceFault>();
  const seen: SeenRequest[] = [];
  const watches = new Set<ServerResponse>();
  let way: Way = 'open';

  function serve(asked: IncomingMessage, answer: ServerResponse): void {
    const path = (asked.url ?? '/').replace(/\?.*$/, '');
    const [, namespace = ''] = /\/namespaces\/([^/]+)\//.exec(path) ?? [];
    const fault = faults.get(namespace);
    seen.push({ atMs: performance.now(), path, isThrottled: way === 'open' && fault?.kind === 'throttled' });
    if (way === 'hung-up' || (way === 'without-watches' && isWatch(asked))) answer.destroy();
    else if (fault?.kind === 'throttled') throttle(answer, fault.retryAfterS);
    else if (fault?.kind === 'failing') refuse(answer, { code: 500, reason: 'InternalError' }, {});
    else pass(asked, answer, fault?.byMs ?? 0);
  }

  function pass(asked: IncomingMessage, answer: ServerResponse, byMs: number): void {
    if (isWatch(asked)) {
      watches.add(answer);
      answer.once('close', () => watches.delete(answer));
    }
    forwarder.pass(asked, answer, (got) => void setTimeout(() => send(answer, got), byMs));
  }

  const server = createServer(serve);
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  await listen(0);
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    misbehave(namespace, fault) {
      if (fault === undefined) faults.delete(namespace);
      else faults.set(namespace, fault);
    },
    async become(next) {
      if (way === 'refused') await listen(port);
      way = next;
      if (way === 'refused') await close();
      else if (way !== 'open') for (const watch of watches) watch.destroy();
    },
    async [Symbol.asyncDispose]() {
      await close();
      forwarder.close();
    },
  };
}

function send(answer: ServerResponse, { status, headers, body }: PassedAnswer): void {
  answer.writeHead(status, headers);
  answer.end(body);
}

function throttle(answer: ServerResponse, retryAfterS: number): void {
  const details = { retryAfterSeconds: retryAfterS };
  refuse(answer, { code: 429, reason: 'TooManyRequests', details }, { 'retry-after': String(retryAfterS) });
}

/** A Status of meta/v1, as the API server refuses with. */
function refuse(
  answer: ServerResponse,
  status: { readonly code: number; readonly reason: string; readonly details?: object },
  headers: Readonly<Record<string, string>>,
): void {
  const body = { apiVersion: 'v1', kind: 'Status', status: 'Failure', message: 'told to', ...status };
  answer.writeHead(status.code, { ...headers, 'content-type': 'application/json' });
  answer.end(JSON.stringify(body));
}
