import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Content } from '@flotilla/shared/model';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRealRepository, type RealRepository } from '../../../../test/contracts/git/real-repository.ts';
import { redirecting, startRecordingServer } from '../../../../test/real/recording-server.ts';
import { folderCredentialStore } from '../credential-store.ts';
import { type ContentReader, openContentReader } from './content.ts';

const signal = AbortSignal.timeout(60_000);
const secret = `Basic ${Buffer.from('x-access-token:s3cret').toString('base64')}`;

let real: RealRepository;
let reader: ContentReader;
let content: Content;

/** A private repository, and an agent with a token for its server mounted as `github`. */
beforeEach(async () => {
  real = await openRealRepository();
  await real.demand('s3cret');
  reader = await openContentReader({
    folder: join(real.folder, 'cache'),
    allowPlainHttpHosts: ['127.0.0.1'],
    deniedRanges: [],
  });
  const commit = await real.commit({ 'app/a.yaml': 'a: 1\n' });
  content = {
    repositoryUrl: real.url,
    credential: 'github',
    commit: { id: commit, author: 'Ada', subject: 's', committedAtS: 0 },
    ref: 'main',
    trees: [{ path: 'app', treeId: await real.treeAt(commit, 'app') }],
    requiredSigners: [],
    caBundlePem: undefined,
  };
  await mkdir(join(real.folder, 'credentials/github'), { recursive: true });
  await mount('token', 's3cret');
  await mount('url', real.server.url);
});

afterEach(async () => {
  await reader.close();
  await real[Symbol.asyncDispose]();
});

const mount = (part: string, text: string) =>
  writeFile(join(real.folder, 'credentials/github', part), `${text}\n`);

/** Fetches as the reconciler does: the credential that the content names, from the agent's own folder. */
async function fetchFrom(repositoryUrl: string): Promise<number> {
  const store = folderCredentialStore(join(real.folder, 'credentials'));
  const credential = await store.find('github', signal);
  const { files } = await reader.fetch({ ...content, repositoryUrl }, credential, signal);
  return files.length;
}

test('a mounted credential opens the repository of the server that it names', async () => {
  expect(await fetchFrom(real.url)).toBe(1);
});

test('a placement that points a source at another server gets no secret: it is not even dialled', async () => {
  await using other = await startRecordingServer();

  await expect(fetchFrom(`${other.url}/shop.git`)).rejects.toMatchObject({
    code: 'GIT_CREDENTIAL_ELSEWHERE',
    message: `credential github is for ${real.server.url} and is not sent to ${other.url}/shop.git`,
    advice: 'correct the url, or the url of the credential if it may go there',
  });

  expect(other.connections()).toBe(0);
});

test('a server that redirects to another gets the secret itself, and the other gets nothing', async () => {
  await using other = await startRecordingServer();
  await using named = await startRecordingServer(redirecting((asked) => `${other.url}${asked}`));
  await mount('url', named.url);

  await expect(fetchFrom(`${named.url}/shop.git`)).rejects.toMatchObject({ code: 'GIT_REDIRECT_REFUSED' });

  expect(named.requests).toEqual([`GET /shop.git/info/refs?service=git-upload-pack ${secret}`]);
  expect(other.connections()).toBe(0);
});

test('a credential that names no server is used for none', async () => {
  await rm(join(real.folder, 'credentials/github/url'));
  const before = await real.asked();

  await expect(fetchFrom(real.url)).rejects.toMatchObject({
    code: 'CREDENTIAL_MALFORMED',
    message: expect.stringMatching(/^credential "github" in .*\/credentials\/github has no url: add one/),
  });

  expect(await real.asked()).toBe(before);
});

test('a denied range keeps the agent from a server, by its address and by its name', async () => {
  await using server = await startRecordingServer();
  await using guarded = await openGuarded(['127.0.0.0/8', '::1/128']);

  for (const host of ['127.0.0.1', 'localhost']) {
    const repositoryUrl = `http://${host}:${server.port}/shop.git`;
    await expect(
      guarded.reader.fetch({ ...content, repositoryUrl }, undefined, signal),
    ).rejects.toMatchObject({
      code: 'GIT_ADDRESS_REFUSED',
      message: expect.stringContaining('lies in the denied range'),
    });
  }

  expect(server.connections()).toBe(0);
});

async function openGuarded(
  deniedRanges: readonly string[],
): Promise<AsyncDisposable & { readonly reader: ContentReader }> {
  const guarded = await openContentReader({
    folder: join(real.folder, 'guarded'),
    allowPlainHttpHosts: ['127.0.0.1', 'localhost'],
    deniedRanges,
  });
  return { reader: guarded, [Symbol.asyncDispose]: () => guarded.close() };
}
