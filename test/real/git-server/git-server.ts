import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer, json } from 'node:stream/consumers';
import { runBackend, sendAnswer } from './cgi.ts';
import { type Fault, isFault } from './fault.ts';
import { answerInstead, spoilAnswer } from './misbehave.ts';
import { type RequestKind, readRequest } from './request-kind.ts';

/** How the server is started. */
export interface GitServerOptions {
  /** Folder of bare repositories, whose names end in `.git`. Repositories may come and go while it runs. */
  readonly root: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** `user:password` or `token:<token>`, by repository name; repositories not named are open. */
  readonly credentials?: Readonly<Record<string, string>>;
  /** PEM; serves https when given. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** Requests to one repository since the start, or since they were last reset. */
export type RepositoryStats = Readonly<Record<RequestKind | 'unauthorized', number>> & {
  /** Bytes of answers to fetches. */
  readonly fetchBytes: number;
};

/** A running server. Listens on loopback only. */
export interface GitServer extends AsyncDisposable {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  urlOf(repository: string): string;
  stats(repository: string): RepositoryStats;
  /** Sets the faults of a repository; none make it behave again. */
  misbehave(repository: string, ...faults: readonly Fault[]): void;
  /** Ends open requests and stops listening. */
  close(): Promise<void>;
}

interface ServerState {
  readonly options: GitServerOptions;
  readonly stats: Map<string, Record<keyof RepositoryStats, number>>;
  readonly faults: Map<string, ReadonlySet<Fault>>;
}

/**
 * Starts stock `git http-backend` behind node:http. Over HTTP: `GET /_stats` gives the counts of all repositories,
 * `PUT /_faults/NAME` with a JSON list of faults makes one misbehave.
 */
export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  const state: ServerState = { options, stats: new Map(), faults: new Map() };
  const server = makeServer(options, (request, response) => {
    handle(state, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  const url = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
  return {
    url,
    urlOf: (repository) => `${url}/${folderName(repository)}`,
    stats: (repository) => ({ ...statsOf(state, folderName(repository)) }),
    misbehave: (repository, ...faults) => state.faults.set(folderName(repository), new Set(faults)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function makeServer(
  options: GitServerOptions,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  return options.tls === undefined ? createHttpServer(onRequest) : createHttpsServer(options.tls, onRequest);
}

async function handle(state: ServerState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = request.url ?? '/';
  const [path = '/', query = ''] = target.split('?');
  if (path === '/_stats') return sendJson(response, Object.fromEntries(state.stats));
  if (path.startsWith('/_faults/'))
    return setFaults(state, path.slice('/_faults/'.length), request, response);
  await serveRepository(state, { path: path.replace(/^\/moved\//, '/'), query, target }, request, response);
}

interface Target {
  readonly path: string;
  readonly query: string;
  /** As asked, before a moved repository's path was put right. */
  readonly target: string;
}

async function serveRepository(
  state: ServerState,
  { path, query, target }: Target,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await buffer(request);
  const method = request.method ?? 'GET';
  const asked = readRequest(path, method, query, body);
  if (asked === undefined) return sendStatus(response, 404);
  const stats = statsOf(state, asked.repository);
  if (!isAuthorized(state, asked.repository, request.headers.authorization)) {
    stats.unauthorized += 1;
    response.setHeader('WWW-Authenticate', 'Basic realm="git"');
    return sendStatus(response, 401);
  }
  stats[asked.kind] += 1;
  const faults = state.faults.get(asked.repository) ?? new Set();
  const faulty = { request: asked, target, gitdir: join(state.options.root, asked.repository), response };
  if (await answerInstead(faults, faulty)) return;
  const protocol = faults.has('protocol-v0') ? '' : String(request.headers['git-protocol'] ?? '');
  const config = {
    'http.receivepack': 'true',
    'uploadpack.allowFilter': String(!faults.has('deny-filter')),
  };
  const { root } = state.options;
  const answer = await runBackend({
    root,
    method,
    path,
    query,
    headers: request.headers,
    body,
    protocol,
    config,
  });
  if (asked.kind === 'fetch')
    answer.body.on('data', (chunk: Buffer) => {
      stats.fetchBytes += chunk.length;
    });
  if (!(await spoilAnswer(faults, faulty, answer))) await sendAnswer(answer, response);
}

function isAuthorized(state: ServerState, repository: string, header: string | undefined): boolean {
  const wanted =
    state.options.credentials?.[repository] ?? state.options.credentials?.[repository.replace(/\.git$/, '')];
  if (wanted === undefined) return true;
  if (header?.startsWith('Bearer ') === true) return wanted === `token:${header.slice(7)}`;
  const given = Buffer.from(header?.replace(/^Basic /, '') ?? '', 'base64').toString();
  if (wanted.startsWith('token:')) return given.split(':')[1] === wanted.slice(6);
  return given === wanted;
}

async function setFaults(
  state: ServerState,
  repository: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const wanted = await json(request).catch(() => undefined);
  if (request.method !== 'PUT' || !Array.isArray(wanted) || !wanted.every(isFault))
    return sendStatus(response, 400);
  state.faults.set(folderName(repository), new Set(wanted));
  sendJson(response, wanted);
}

function statsOf(state: ServerState, repository: string): Record<keyof RepositoryStats, number> {
  const known = state.stats.get(repository);
  if (known !== undefined) return known;
  const fresh = {
    advertisement: 0,
    'ls-refs': 0,
    fetch: 0,
    push: 0,
    other: 0,
    unauthorized: 0,
    fetchBytes: 0,
  };
  state.stats.set(repository, fresh);
  return fresh;
}

function folderName(repository: string): string {
  return repository.endsWith('.git') ? repository : `${repository}.git`;
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}

function sendStatus(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' });
  response.end(String(status));
}
