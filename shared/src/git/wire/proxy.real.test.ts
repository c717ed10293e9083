import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ConnectProxy, startConnectProxy } from '../../../../test/real/connect-proxy.ts';
import { startRecordingServer } from '../../../../test/real/recording-server.ts';
import { fetchTrees } from '../fetch/index.ts';
import type { GitWorld } from '../git-world-fixture.ts';
import { memoryStore } from '../store/index.ts';
import { makeCertificate } from './certificate-fixture.ts';
import { openWorld, outcome } from './outcome-fixture.ts';
import type { RemoteSettings } from './remote-settings.ts';

/** No resolver knows it: only a proxy leads there. */
const url = 'https://git.example.invalid/shop.git';
const credential = { name: 'shop', url, kind: 'token', token: 's3cret' } as const;

let folder: string;
let world: GitWorld;
let proxy: ConnectProxy;
let settings: Partial<RemoteSettings>;

/** A private repository behind https with a CA of its own, that only the proxy can reach. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-proxy-'));
  const tls = await makeCertificate(folder, 'DNS:git.example.invalid');
  world = await openWorld({ tls, credentials: { shop: 'token:s3cret' } });
  proxy = await startConnectProxy(Number(new URL(world.server.url).port));
  settings = { url, credential, caPem: tls.ca, proxy: { url: proxy.url, exceptFor: [] } };
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test('a server is reached through the proxy, which sees its name and neither path nor credential', async () => {
  const remote = world.remote(settings);
  const commit = await world.repository.idOf('main');
  const treeIds = [await world.repository.idOf('main^{tree}')];

  expect(await outcome(remote)).toBe('refs/heads/main');
  const { rung } = await fetchTrees(
    remote,
    { store: memoryStore(), commit, treeIds },
    AbortSignal.timeout(60_000),
  );

  expect(rung).toBe('tree');
  // One way for all requests: it is kept alive like any other connection.
  expect(proxy.asked).toEqual(['git.example.invalid:443 -']);
});

test('the proxy gets its own user and password, the server the credential', async () => {
  const withUser = proxy.url.replace('//', '//ada:p%40ss@');

  expect(await outcome(world.remote({ ...settings, proxy: { url: withUser, exceptFor: [] } }))).toBe(
    'refs/heads/main',
  );

  const basic = Buffer.from('ada:p@ss').toString('base64');
  expect(proxy.asked).toEqual([`git.example.invalid:443 Basic ${basic}`]);
  expect(world.server.stats('shop').unauthorized).toBe(0);
});

test('a server that is excepted is dialled directly, and the addresses of its name are judged', async () => {
  const { port } = new URL(world.server.url);
  const named = { ...settings, url: `https://localhost:${port}/shop.git`, credential: undefined };
  const excepted = { url: proxy.url, exceptFor: ['example.invalid'] };

  expect(await outcome(world.remote({ ...settings, proxy: excepted }))).toMatch(/^GIT_UNREACHABLE/);
  const { credential: _, ...local } = named;
  expect(await outcome(world.remote({ ...local, allowPlainHttpHosts: [] }))).toMatch(
    /^GIT_ADDRESS_REFUSED: localhost/,
  );

  expect(proxy.asked).toEqual([]);
});

test('a denied address in a url is not asked of the proxy either', () => {
  const { credential: _, ...open } = settings;

  for (const denied of ['https://169.254.169.254/shop.git', 'https://10.96.0.1/shop.git']) {
    expect(() => world.remote({ ...open, url: denied, deniedRanges: ['10.96.0.0/12'] })).toThrow(
      expect.objectContaining({ code: 'GIT_ADDRESS_REFUSED' }),
    );
  }

  expect(proxy.asked).toEqual([]);
});

test.each([
  [
    407,
    /^GIT_PROXY: http:\/\/127\.0\.0\.1:\d+ asks for a user and password, or refuses those given \(407\)$/,
  ],
  [403, /^GIT_PROXY: \S+ opens no way to https:\/\/git\.example\.invalid\/shop\.git: it answers 403$/],
])('a proxy that answers %d is told apart from the server, without its password', async (status, text) => {
  proxy.refuse(status);
  const withUser = { url: proxy.url.replace('//', '//ada:hunter2@'), exceptFor: [] };

  const shown = await outcome(world.remote({ ...settings, proxy: withUser }));

  expect(shown).toMatch(text);
  expect(shown).not.toContain('hunter2');
});

test('a proxy that is away, or is none, is told apart from the server', async () => {
  const away = { url: 'http://ada:hunter2@127.0.0.1:1', exceptFor: [] };
  await using page = await startRecordingServer();

  const shown = await outcome(world.remote({ ...settings, proxy: away }));
  const none = await outcome(world.remote({ ...settings, proxy: { url: page.url, exceptFor: [] } }));

  expect(shown).toMatch(/^GIT_PROXY: .* cannot be reached through http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
  expect(shown).not.toContain('hunter2');
  expect(none).toMatch(/^GIT_PROXY: /);
});

test('a certificate that is not trusted is as untrusted through a proxy', async () => {
  const { caPem: _, ...untrusting } = settings;

  expect(await outcome(world.remote(untrusting))).toMatch(/^GIT_TLS: /);
});
