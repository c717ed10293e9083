import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitId } from '@flotilla/shared/base';
import { readMountedCredential } from '@flotilla/shared/kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRealRepository, type RealRepository } from '../../../../test/contracts/git/real-repository.ts';
import { redirecting, startRecordingServer } from '../../../../test/real/recording-server.ts';
import { type GitReader, openGitReader } from './git-reader.ts';

const signal = AbortSignal.timeout(60_000);
const secret = `Basic ${Buffer.from('x-access-token:s3cret').toString('base64')}`;

let real: RealRepository;
let reader: GitReader;
let commit: GitId;

/** A private repository, and a hub with a token for its server mounted as `platform`. */
beforeEach(async () => {
  real = await openRealRepository();
  await real.demand('s3cret');
  commit = await real.commit({ 'app/a.yaml': 'a: 1\n' });
  const credentials = join(real.folder, 'credentials');
  await mkdir(join(credentials, 'platform'), { recursive: true });
  await mount('token', 's3cret');
  await mount('url', real.server.url);
  reader = await openReader('cache', []);
});

afterEach(async () => {
  await reader.close();
  await real[Symbol.asyncDispose]();
});

const mount = (part: string, text: string) =>
  writeFile(join(real.folder, 'credentials/platform', part), `${text}\n`);

function openReader(name: string, deniedRanges: readonly string[]): Promise<GitReader> {
  return openGitReader({
    folder: join(real.folder, name),
    allowPlainHttpHosts: ['127.0.0.1', 'localhost'],
    deniedRanges,
    credentialOf: (credential) => readMountedCredential(join(real.folder, 'credentials'), credential),
  });
}

const mainOf = (url: string) =>
  reader.resolveRef({ url, credential: 'platform', caBundlePem: undefined }, 'main', signal);

test('a mounted credential opens the repository of the server that it names', async () => {
  expect(await mainOf(real.url)).toBe(commit);
});

test('a Source that names another server gets no secret: it is not even dialled', async () => {
  await using other = await startRecordingServer();

  await expect(mainOf(`${other.url}/shop.git`)).rejects.toMatchObject({
    code: 'GIT_CREDENTIAL_ELSEWHERE',
    message: `credential platform is for ${real.server.url} and is not sent to ${other.url}/shop.git`,
  });

  expect(other.connections()).toBe(0);
});

test('the same server under another name is another server', async () => {
  const before = await real.asked();

  await expect(mainOf(real.url.replace('127.0.0.1', 'localhost'))).rejects.toMatchObject({
    code: 'GIT_CREDENTIAL_ELSEWHERE',
  });

  expect(await real.asked()).toBe(before);
});

test('a credential that is bound to another server while it is in use is not sent to the old one any more', async () => {
  expect(await mainOf(real.url)).toBe(commit);
  const before = await real.asked();
  await mount('url', 'https://other.example.org');

  await expect(mainOf(real.url)).rejects.toMatchObject({ code: 'GIT_CREDENTIAL_ELSEWHERE' });

  expect(await real.asked()).toBe(before);
});

test('a server that redirects to another gets the secret itself, and the other gets nothing', async () => {
  await using other = await startRecordingServer();
  await using named = await startRecordingServer(redirecting((asked) => `${other.url}${asked}`));
  await mount('url', named.url);

  await expect(mainOf(`${named.url}/shop.git`)).rejects.toMatchObject({ code: 'GIT_REDIRECT_REFUSED' });

  expect(named.requests).toEqual([`GET /shop.git/info/refs?service=git-upload-pack ${secret}`]);
  expect(other.connections()).toBe(0);
});

test('a credential that names no server is used for none', async () => {
  await rm(join(real.folder, 'credentials/platform/url'));
  const before = await real.asked();

  await expect(mainOf(real.url)).rejects.toMatchObject({
    code: 'CREDENTIAL_MALFORMED',
    message: expect.stringMatching(/^credential "platform" in .*\/credentials\/platform has no url: add one/),
  });

  expect(await real.asked()).toBe(before);
});

test('a denied range keeps the hub from a server, by its address and by its name', async () => {
  await using server = await startRecordingServer();
  const guarded = await openReader('guarded', ['127.0.0.0/8', '::1/128']);

  for (const host of ['127.0.0.1', 'localhost']) {
    const remote = {
      url: `http://${host}:${server.port}/shop.git`,
      credential: undefined,
      caBundlePem: undefined,
    };
    await expect(guarded.resolveRef(remote, 'main', signal)).rejects.toMatchObject({
      code: 'GIT_ADDRESS_REFUSED',
      message: expect.stringContaining('lies in the denied range'),
    });
  }

  expect(server.connections()).toBe(0);
  await guarded.close();
});
