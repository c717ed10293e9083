import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type GitWorld, type GitWorldOptions, openGitWorld } from '../git-world-fixture.ts';
import { listRefs } from '../refs/index.ts';
import type { Remote } from './remote.ts';
import type { RemoteSettings } from './remote-settings.ts';

const signal = AbortSignal.timeout(60_000);
const run = promisify(execFile);

async function openWorld(options: GitWorldOptions = {}): Promise<GitWorld> {
  const world = await openGitWorld(options);
  await world.repository.commit({ a: '1' });
  return world;
}

async function outcome(remote: Remote, given: AbortSignal = signal): Promise<string> {
  try {
    const { refs } = await listRefs(remote, { prefixes: ['refs/heads/main'] }, given);
    return refs.map(({ name }) => name).join();
  } catch (caught) {
    if (caught instanceof Error && 'code' in caught) return `${caught.code}: ${caught.message}`;
    throw caught;
  }
}

describe('each way of misbehaving has one clear error', () => {
  it.each([
    [
      'unauthorized',
      'GIT_UNAUTHORIZED: the server of URL asks for a credential, or refuses the one given (401)',
    ],
    [
      'forbidden',
      'GIT_FORBIDDEN: the server of URL does not allow this credential to read the repository (403)',
    ],
    [
      'not-found',
      'GIT_NOT_FOUND: the server of URL knows no such repository, or hides it from this credential (404)',
    ],
    ['rate-limited', 'GIT_RATE_LIMITED: the server of URL limits our requests (429)'],
    ['server-error', 'GIT_SERVER_ERROR: the server of URL failed (500)'],
    ['hang', 'GIT_TIMEOUT: URL was silent for 0.3 s'],
    ['empty-advertisement', 'GIT_EMPTY_ADVERTISEMENT: URL: the server sent an empty advertisement'],
    ['truncated-advertisement', 'GIT_TRUNCATED_ANSWER: the answer of URL ends within a line'],
    ['html', 'GIT_HTML_ANSWER: the server of URL answers with a web page, not with git data'],
    [
      'wrong-type',
      'GIT_CONTENT_TYPE: the server of URL answers with application/octet-stream, not with git data',
    ],
    ['garbage', 'GIT_PROTOCOL_ERROR: the answer of URL is not the git protocol'],
    ['redirect-loop', 'GIT_REDIRECT_REFUSED: URL redirects more than 3 times'],
  ] as const)('%s', async (fault, text) => {
    await using world = await openWorld();
    const remote = world.remote({ timeouts: { idleMs: 300 } });
    world.server.misbehave('shop', fault);

    expect((await outcome(remote)).replaceAll(world.server.urlOf('shop'), 'URL')).toBe(text);

    world.server.misbehave('shop');
    expect(await outcome(remote)).toBe('refs/heads/main');
  });
});

describe('redirects', () => {
  it('to another host are refused, naming both, and nothing is sent there', async () => {
    await using world = await openWorld();
    world.server.misbehave('shop', 'redirect-elsewhere');
    const { url } = world.server;

    expect(await outcome(world.remote({ credential: { kind: 'token', token: 's3cret' } }))).toBe(
      `GIT_REDIRECT_REFUSED: ${url}/shop.git redirects from ${url} to https://elsewhere.example.org; use that url if you trust it`,
    );
  });

  it('on the same host are followed, with the credential and for the requests after', async () => {
    await using world = await openWorld({ credentials: { shop: 'ada:s3cret' } });
    world.server.misbehave('shop', 'redirect-moved');
    const credential = { kind: 'basic', username: 'ada', password: 's3cret' } as const;

    expect(await outcome(world.remote({ credential }))).toBe('refs/heads/main');
    expect(world.server.stats('shop')).toMatchObject({ advertisement: 2, 'ls-refs': 1 });
  });
});

describe('credentials', () => {
  it.each([
    ['ada:s3cret', { kind: 'basic', username: 'ada', password: 's3cret' }],
    ['token:s3cret', { kind: 'token', token: 's3cret' }],
    ['token:s3cret', { kind: 'token', token: 's3cret', username: 'x-token-auth' }],
    ['token:s3cret', { kind: 'bearer', token: 's3cret' }],
  ] as const)('for %s are sent as %o', async (wanted, credential) => {
    await using world = await openWorld({ credentials: { shop: wanted } });

    expect(await outcome(world.remote({ credential }))).toBe('refs/heads/main');
    expect(await outcome(world.remote())).toMatch(/^GIT_UNAUTHORIZED/);
  });

  it('that are wrong are refused, and no message repeats them', async () => {
    await using world = await openWorld({ credentials: { shop: 'ada:s3cret' } });
    const credential = { kind: 'basic', username: 'ada', password: 'wr0ng' } as const;

    const text = await outcome(world.remote({ credential }));

    expect(text).toMatch(/^GIT_UNAUTHORIZED/);
    expect(text).not.toMatch(/wr0ng|YWRh/);
  });

  it('that no header can hold are an error without the secret in it', async () => {
    await using world = await openWorld();

    const text = await outcome(world.remote({ credential: { kind: 'bearer', token: 'line\nbreak' } }));

    expect(text).toMatch(/^GIT_UNREACHABLE/);
    expect(text).not.toContain('break');
  });
});

describe('addresses', () => {
  it('of this machine are not connected to unless the host is listed, whatever name leads there', async () => {
    await using world = await openWorld();
    const port = new URL(world.server.url).port;
    const settings = (url: string, listed: readonly string[]): Partial<RemoteSettings> => ({
      url,
      allowPlainHttpHosts: listed,
    });

    expect(await outcome(world.remote(settings(`http://localhost:${port}/shop.git`, ['localhost'])))).toBe(
      'refs/heads/main',
    );
    expect(await outcome(world.remote(settings(`https://localhost:${port}/shop.git`, [])))).toMatch(
      /^GIT_ADDRESS_REFUSED: localhost is not connected to: .* is a loopback address/,
    );
    expect(() => world.remote(settings(`https://127.0.0.1:${port}/shop.git`, []))).toThrow(
      'loopback address',
    );
    expect(() => world.remote(settings('https://169.254.169.254/latest', ['169.254.169.254']))).toThrow(
      'link-local',
    );
  });

  it('that nobody listens on are unreachable', async () => {
    const world = await openWorld();
    const remote = world.remote();
    await world.server.close();

    expect(await outcome(remote)).toMatch(/^GIT_UNREACHABLE: .* cannot be reached: .*ECONNREFUSED/);
    await world[Symbol.asyncDispose]();
  });
});

describe('deadlines and aborts', () => {
  it('end a request that takes too long in all', async () => {
    await using world = await openWorld();
    world.server.misbehave('shop', 'hang');
    const remote = world.remote({ timeouts: { idleMs: 60_000, totalMs: 300 } });

    expect(await outcome(remote)).toContain('did not finish its answer within 0.3 s');
  });

  it("give the caller's own reason when the caller gives up", async () => {
    await using world = await openWorld();
    world.server.misbehave('shop', 'hang');
    const controller = new AbortController();
    const reason = new Error('no longer wanted');

    const waiting = listRefs(world.remote(), {}, controller.signal);
    controller.abort(reason);

    await expect(waiting).rejects.toBe(reason);
    await expect(listRefs(world.remote(), {}, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe('connections', () => {
  it('are used again for the next request', async () => {
    await using world = await openWorld();
    const ports = new Set<number>();
    const proxy = createServer((request, response) => {
      ports.add(request.socket.remotePort ?? 0);
      void forward(world.server.url, request.url ?? '/', request, response);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const remote = world.remote({ url: `http://127.0.0.1:${port}/shop.git` });

    for (let poll = 0; poll < 4; poll += 1) expect(await outcome(remote)).toBe('refs/heads/main');
    // A server may close a kept connection at any time: the next request finds out and dials anew.
    proxy.closeAllConnections();
    expect(await outcome(remote)).toBe('refs/heads/main');

    expect(ports.size).toBe(2);
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  });
});

async function forward(
  origin: string,
  path: string,
  request: import('node:http').IncomingMessage,
  response: import('node:http').ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(
      ([name]) => !['host', 'connection', 'content-length'].includes(name),
    ),
  ) as Record<string, string>;
  const body = request.method === 'POST' ? { body: Buffer.concat(chunks) } : {};
  const answer = await fetch(new URL(path, origin), { method: request.method ?? 'GET', headers, ...body });
  const bytes = Buffer.from(await answer.arrayBuffer());
  response.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type') ?? '' });
  response.end(bytes);
}

describe('https', () => {
  it('with a private CA needs that CA, and its name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-ca-'));
    const tls = await makeCertificate(folder);
    await using world = await openWorld({ tls });
    const trusted: Partial<RemoteSettings> = { caPem: tls.ca };

    expect(await outcome(world.remote(trusted))).toBe('refs/heads/main');
    expect(await outcome(world.remote())).toMatch(/^GIT_TLS: the certificate of .* is not accepted/);
    const otherName = world.server.urlOf('shop').replace('127.0.0.1', 'localhost');
    expect(
      await outcome(world.remote({ ...trusted, url: otherName, allowPlainHttpHosts: ['localhost'] })),
    ).toMatch(/^GIT_TLS/);
    await rm(folder, { recursive: true });
  });
});

/** A CA and a certificate for 127.0.0.1, by openssl. */
async function makeCertificate(folder: string): Promise<{ key: string; cert: string; ca: string }> {
  const at = (name: string) => join(folder, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await run('openssl', [
    ...['req', '-x509', ...newKey, '-subj', '/CN=Test CA', '-days', '2'],
    ...['-keyout', at('ca.key'), '-out', at('ca.pem')],
  ]);
  await run('openssl', [
    ...[
      'req',
      '-x509',
      ...newKey,
      '-subj',
      '/CN=git',
      '-days',
      '2',
      '-CA',
      at('ca.pem'),
      '-CAkey',
      at('ca.key'),
    ],
    ...['-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-keyout', at('git.key'), '-out', at('git.pem')],
  ]);
  const [key, cert, ca] = await Promise.all(
    ['git.key', 'git.pem', 'ca.pem'].map((name) => readFile(at(name), 'utf8')),
  );
  return { key: key ?? '', cert: cert ?? '', ca: ca ?? '' };
}
