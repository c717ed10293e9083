import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fetchCommit } from '../fetch/index.ts';
import { memoryStore } from '../store/index.ts';
import { makeCertificate } from './certificate-fixture.ts';
import { openWorld, outcome } from './outcome-fixture.ts';
import { remotePool } from './remote-pool.ts';
import type { RemoteSettings } from './remote-settings.ts';

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

    const commit = await world.repository.idOf('main');

    for (let poll = 0; poll < 3; poll += 1) {
      expect(await outcome(remote)).toBe('refs/heads/main');
      await fetchCommit(remote, { store: memoryStore(), commit }, AbortSignal.timeout(60_000));
    }
    expect(ports.size).toBe(1);
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
  request: IncomingMessage,
  response: ServerResponse,
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

describe('a pool of remotes', () => {
  it('keeps what was learned of a server between uses', async () => {
    await using world = await openWorld();
    await using pool = remotePool();
    const settings = { url: world.server.urlOf('shop'), allowPlainHttpHosts: ['127.0.0.1'] };

    for (let use = 0; use < 3; use += 1) {
      await using remote = pool.open(settings);
      expect(await outcome(remote)).toBe('refs/heads/main');
    }

    expect(world.server.stats('shop')).toMatchObject({ advertisement: 1, 'ls-refs': 3 });
  });

  it('never gives one credential to a caller that has another', async () => {
    await using world = await openWorld({ credentials: { shop: 'token:s3cret' } });
    await using pool = remotePool();
    const settings = { url: world.server.urlOf('shop'), allowPlainHttpHosts: ['127.0.0.1'] };

    const credential = { name: 'shop', url: world.server.url, kind: 'token', token: 's3cret' } as const;
    const withToken = pool.open({ ...settings, credential });
    const without = pool.open(settings);

    expect(await outcome(withToken)).toBe('refs/heads/main');
    expect(await outcome(without)).toMatch(/^GIT_UNAUTHORIZED/);
  });

  it('closes what was not used for longest, and nothing that is in use', async () => {
    await using world = await openWorld();
    await using pool = remotePool({ remotesMax: 1 });
    const settings = { url: world.server.urlOf('shop'), allowPlainHttpHosts: ['127.0.0.1'] };
    const used = pool.open(settings);
    const other = pool.open({ ...settings, timeouts: { idleMs: 1_000 } });
    await outcome(used);
    await outcome(other);

    await other.close();
    await outcome(used);
    await outcome(pool.open({ ...settings, timeouts: { idleMs: 1_000 } }));

    expect(world.server.stats('shop')).toMatchObject({ advertisement: 3, 'ls-refs': 4 });
  });
});

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
