import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openContentReader } from '@flotilla/agent/io/content';
import { folderCredentialStore } from '@flotilla/agent/io/credential-store';
import { openGitReader } from '@flotilla/hub/io/git';
import type { GitId } from '@flotilla/shared/base';
import { readMountedCredential } from '@flotilla/shared/kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRepository } from '../git-server/index.ts';
import { makeSshKey, type SshKeyPair } from '../git-server/ssh-keys.ts';
import { type SshGitServer, startSshGitServer } from '../git-server/ssh-server.ts';

const signal = AbortSignal.timeout(120_000);
const trust = { allowPlainHttpHosts: ['127.0.0.1'], deniedRanges: [] };

let folder: string;
let server: SshGitServer;
let hostKey: SshKeyPair;
let url: string;
let commit: GitId;
let tree: GitId;

/** A repository behind SSH, and the key for it mounted as `deploy`, as Kubernetes mounts a Secret of type ssh-auth. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-git-ssh-'));
  const root = join(folder, 'repositories');
  const repository = await createRepository(join(root, 'shop.git'));
  commit = await repository.commit({ 'app/a.yaml': 'a: 1\n' });
  tree = await repository.idOf('main:app');
  hostKey = await makeSshKey(folder, 'host');
  const userKey = await makeSshKey(folder, 'user');
  server = await startSshGitServer({
    root,
    hostKeys: [hostKey.privateKey],
    authorized: userKey.publicKey,
  });
  url = server.urlOf('shop.git');
  await mkdir(join(folder, 'credentials/deploy'), { recursive: true });
  await mount('url', `ssh://git@127.0.0.1:${server.port}`);
  await mount('ssh-privatekey', userKey.privateKey);
  await mount('known_hosts', `[127.0.0.1]:${server.port} ${hostKey.publicKey}\n`);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const mount = (part: string, text: string) => writeFile(join(folder, 'credentials/deploy', part), text);
const remote = (credential: string | undefined) => ({ url, credential, caBundlePem: undefined });

test('the hub follows a repository over SSH with a mounted key, and without one says what to give', async () => {
  const reader = await openGitReader({
    ...trust,
    folder: join(folder, 'hub'),
    credentialOf: (name) => readMountedCredential(join(folder, 'credentials'), name),
  });

  expect(await reader.resolveRef(remote('deploy'), 'main', signal)).toBe(commit);
  expect(await reader.readCommit(remote('deploy'), commit, signal)).toMatchObject({ id: commit });
  await expect(reader.resolveRef(remote(undefined), 'main', signal)).rejects.toMatchObject({
    code: 'GIT_CREDENTIAL_UNFIT',
  });

  await reader.close();
});

test('the agent fetches over SSH with its own key, and takes a rotated host key once it is pinned', async () => {
  const reader = await openContentReader({ ...trust, folder: join(folder, 'agent') });
  const credentials = folderCredentialStore(join(folder, 'credentials'));
  const content = {
    repositoryUrl: url,
    credential: 'deploy',
    commit: { id: commit, author: 'Ada', subject: 's', committedAtS: 0 },
    ref: 'main',
    trees: [{ path: 'app', treeId: tree }],
    requiredSigners: [],
    caBundlePem: undefined,
  };
  const fetch = async () => reader.fetch(content, await credentials.find('deploy', signal), signal);
  const pinned = `[127.0.0.1]:${server.port} ${hostKey.publicKey}\n`;

  await mount('known_hosts', '# nothing yet\n');
  await expect(fetch()).rejects.toMatchObject({
    code: 'GIT_HOST_KEY',
    message: expect.stringContaining(`add the line: ${pinned.trim()}`),
  });
  await mount('known_hosts', pinned);

  expect(await fetch()).toMatchObject({ rung: 'tree', files: [{ path: 'app/a.yaml' }] });
  await reader.close();
});
