import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openContentReader } from '@flotilla/agent/io/content';
import { openGitReader } from '@flotilla/hub/io/git';
import type { GitId } from '@flotilla/shared/base';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ConnectProxy, startConnectProxy } from '../connect-proxy.ts';
import { createRepository, type GitServer, startGitServer } from '../git-server/index.ts';
import { writeTestCertificates } from '../nats-server/test-certificates.ts';

const signal = AbortSignal.timeout(120_000);
/** No resolver knows it: only the proxy leads there. */
const url = 'https://git.example.invalid/shop.git';

let folder: string;
let server: GitServer;
let proxy: ConnectProxy;
let caBundlePem: string;
let commit: GitId;
let tree: GitId;

/** A repository behind https under a CA that no system trusts, on a name that only a proxy knows. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-git-way-'));
  const files = await writeTestCertificates(folder, ['DNS:git.example.invalid']);
  const repository = await createRepository(join(folder, 'repositories/shop.git'));
  commit = await repository.commit({ 'app/a.yaml': 'a: 1\n' });
  tree = await repository.idOf('main:app');
  const [key, cert] = await Promise.all([
    readFile(files.keyFile, 'utf8'),
    readFile(files.certificateFile, 'utf8'),
  ]);
  server = await startGitServer({ root: join(folder, 'repositories'), tls: { key, cert } });
  proxy = await startConnectProxy(Number(new URL(server.url).port));
  caBundlePem = files.caPem;
});

afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await server.close();
  await rm(folder, { recursive: true });
});

const trust = () => ({
  allowPlainHttpHosts: [],
  deniedRanges: [],
  proxy: { url: proxy.url, exceptFor: [] },
});

test('the hub reads a repository through the proxy when it has its CA, and else says that the certificate is not trusted', async () => {
  const credentialOf = async () => undefined;
  const reader = await openGitReader({ ...trust(), folder: join(folder, 'hub'), credentialOf });

  expect(await reader.resolveRef({ url, credential: undefined, caBundlePem }, 'main', signal)).toBe(commit);
  await expect(
    reader.resolveRef({ url, credential: undefined, caBundlePem: undefined }, 'main', signal),
  ).rejects.toMatchObject({ code: 'GIT_TLS', advice: 'give the right CA bundle' });

  expect(new Set(proxy.asked)).toEqual(new Set(['git.example.invalid:443 -']));
  await reader.close();
});

test('the agent fetches through the proxy when the source brings its CA, and else says that the certificate is not trusted', async () => {
  const reader = await openContentReader({ ...trust(), folder: join(folder, 'agent') });
  const content = {
    repositoryUrl: url,
    credential: undefined,
    commit: { id: commit, author: 'Ada', subject: 's', committedAtS: 0 },
    ref: 'main',
    trees: [{ path: 'app', treeId: tree }],
    requiredSigners: [],
  };

  await expect(reader.fetch({ ...content, caBundlePem: undefined }, undefined, signal)).rejects.toMatchObject(
    { code: 'GIT_TLS' },
  );
  const fetched = await reader.fetch({ ...content, caBundlePem }, undefined, signal);

  expect(fetched.files.map(({ path }) => path)).toEqual(['app/a.yaml']);
  await reader.close();
});
