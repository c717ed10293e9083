import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { KubePort, KubeWatchEvent } from '../../kube-port.ts';
import { KubeError } from '../../kube-port.ts';
import type { KubeConfigInput } from './config.ts';
import { completeKubeConfig } from './config.ts';
import { openKube } from './open-kube.ts';

/** For tests: how one request is answered. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers by `METHOD path`. */
export type Script = Readonly<Record<string, Answer | readonly Answer[]>>;

/** A scripted API server: answers by `METHOD path`, the query left out; a list of answers is given out one by one. */
class ScriptedServer {
  readonly seen: string[] = [];
  readonly bodies: string[] = [];
  readonly headers: IncomingMessage['headers'][] = [];
  readonly #script: Map<string, Answer[]>;
  readonly #server = createServer((request, response) => this.#handle(request, response));
  readonly #ports: KubePort[] = [];

  constructor(script: Script) {
    const withDiscovery = { 'GET /api': coreDiscovery, 'GET /apis': noGroups, ...script };
    this.#script = new Map(Object.entries(withDiscovery).map(([key, answers]) => [key, [answers].flat()]));
  }

  async port(config: Partial<KubeConfigInput> = {}): Promise<KubePort> {
    if (!this.#server.listening)
      await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    const opened = openKube(completeKubeConfig({ serverUrl: `http://127.0.0.1:${port}`, ...config }));
    this.#ports.push(opened);
    return opened;
  }

  async close(): Promise<void> {
    await Promise.all(this.#ports.map((port) => port.close()));
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.bodies.push(Buffer.concat(chunks).toString());
      this.headers.push(request.headers);
      this.seen.push(`${request.method} ${request.url}`);
      const answers = this.#script.get(`${request.method} ${request.url?.split('?')[0]}`) ?? [];
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      (answer ?? status(404, { message: 'not scripted' }))(request, response);
    });
  }
}

/** A scripted server that lasts as long as the test. */
export function scripted(script: Script): ScriptedServer {
  const server = new ScriptedServer(script);
  onTestFinished(() => server.close());
  return server;
}

/** Answers with JSON. */
export function json(body: unknown, code = 200, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** Answers with a Status body. */
export function status(code: number, body: object, headers: Record<string, string> = {}): Answer {
  return json({ kind: 'Status', status: 'Failure', code, ...body }, code, headers);
}

/** Answers with the lines of a watch. */
export function lines(...events: readonly unknown[]): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  };
}

/** Breaks the connection. */
export const reset: Answer = (request) => request.socket.destroy();
const resource = {
  resource: 'configmaps',
  responseKind: { kind: 'ConfigMap' },
  scope: 'Namespaced',
  verbs: ['get', 'list'],
};
const coreDiscovery = json({
  kind: 'APIGroupDiscoveryList',
  items: [{ metadata: {}, versions: [{ version: 'v1', resources: [resource] }] }],
});
const noGroups = json({ kind: 'APIGroupDiscoveryList', items: [] });
/** What is stored at `path`. */
export const settings = {
  metadata: { name: 'settings', namespace: 'shop', resourceVersion: '5' },
  data: { a: 'b' },
};

/** The error that some work ends with. */
export async function failureOf(work: Promise<unknown>): Promise<KubeError> {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof KubeError)) throw new Error(`expected a KubeError, got ${String(error)}`);
  return error;
}

/** All events of a watch. */
export async function collect(events: AsyncIterable<KubeWatchEvent>): Promise<readonly KubeWatchEvent[]> {
  const all: KubeWatchEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** The kind that the scripted server serves. */
export const configMaps = { group: '', version: 'v1', kind: 'ConfigMap' };
/** One object of it. */
export const ref = { ...configMaps, namespace: 'shop', name: 'settings' };
/** Where that object is. */
export const path = '/api/v1/namespaces/shop/configmaps/settings';
