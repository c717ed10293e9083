import { describe, expect, it } from 'vitest';
import { listRefs } from '../refs/index.ts';
import { openWorld, outcome } from './outcome-fixture.ts';
import type { RemoteSettings } from './remote-settings.ts';

describe('redirects', () => {
  it('to another host are refused, naming both, and nothing is sent there', async () => {
    await using world = await openWorld();
    world.server.misbehave('shop', 'redirect-elsewhere');
    const { url } = world.server;

    const credential = { name: 'shop', url, kind: 'token', token: 's3cret' } as const;
    expect(await outcome(world.remote({ credential }))).toBe(
      `GIT_REDIRECT_REFUSED: ${url}/shop.git redirects from ${url} to https://elsewhere.example.org; use that url if you trust it`,
    );
  });

  it('on the same host are followed, with the credential and for the requests after', async () => {
    await using world = await openWorld({ credentials: { shop: 'ada:s3cret' } });
    world.server.misbehave('shop', 'redirect-moved');
    const place = { name: 'shop', url: world.server.url };
    const credential = { ...place, kind: 'basic', username: 'ada', password: 's3cret' } as const;

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
  ] as const)('for %s are sent as %o', async (wanted, secret) => {
    await using world = await openWorld({ credentials: { shop: wanted } });
    const credential = { ...secret, name: 'shop', url: world.server.url };

    expect(await outcome(world.remote({ credential }))).toBe('refs/heads/main');
    expect(await outcome(world.remote())).toMatch(/^GIT_UNAUTHORIZED/);
  });

  it('that are wrong are refused, and no message repeats them', async () => {
    await using world = await openWorld({ credentials: { shop: 'ada:s3cret' } });
    const place = { name: 'shop', url: world.server.url };
    const credential = { ...place, kind: 'basic', username: 'ada', password: 'wr0ng' } as const;

    const text = await outcome(world.remote({ credential }));

    expect(text).toMatch(/^GIT_UNAUTHORIZED/);
    expect(text).not.toMatch(/wr0ng|YWRh/);
  });

  it('that no header can hold are an error without the secret in it', async () => {
    await using world = await openWorld();

    const place = { name: 'shop', url: world.server.url };
    const text = await outcome(
      world.remote({ credential: { ...place, kind: 'bearer', token: 'line\nbreak' } }),
    );

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
