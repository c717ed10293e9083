import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ContentReader, openContentReader } from '@flotilla/agent/io/content';
import { openGitReader } from '@flotilla/hub/io/git';
import type { GitId } from '@flotilla/shared/base';
import type { Content } from '@flotilla/shared/model';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRealRepository, type RealRepository } from '../../contracts/git/real-repository.ts';
import { commitSigned, makeGpgKey } from '../git-server/signed-commits.ts';
import { makeSshKey, type SshKeyPair } from '../git-server/ssh-keys.ts';

const signal = AbortSignal.timeout(120_000);
const trust = { allowPlainHttpHosts: ['127.0.0.1'], deniedRanges: [] };

let folder: string;
let real: RealRepository;
let key: SshKeyPair;
let signed: GitId;
let reader: ContentReader;

/** A repository whose newest commit git signed with a key of ours. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-signers-'));
  real = await openRealRepository();
  key = await makeSshKey(folder, 'ada');
  await real.commit({ 'app/a.yaml': 'a: 1\n', 'other/b.yaml': 'b: 1\n' });
  signed = await commitSigned(real.repository, key);
  reader = await openContentReader({ ...trust, folder: join(folder, 'agent') });
});

afterEach(async () => {
  await reader.close();
  await real[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const treeOf = (commit: GitId, path: string) => real.treeAt(commit, path);

async function contentOf(commit: GitId, change: Partial<Content> = {}): Promise<Content> {
  return {
    repositoryUrl: real.url,
    credential: undefined,
    commit: { id: commit, author: 'Ada', subject: 's', committedAtS: 0 },
    ref: 'main',
    trees: [{ path: 'app', treeId: await treeOf(commit, 'app') }],
    requiredSigners: [key.publicKey],
    caBundlePem: undefined,
    ...change,
  };
}

test('the hub takes a commit that a signer signed, by SSH key, fingerprint or OpenPGP key, and no other', async () => {
  await using gpg = await makeGpgKey(folder, 'gpg');
  const hub = await openGitReader({
    ...trust,
    folder: join(folder, 'hub'),
    credentialOf: async () => undefined,
  });
  const remote = (...signers: readonly string[]) => ({
    url: real.url,
    credential: undefined,
    caBundlePem: undefined,
    signers,
  });

  await hub.verifyCommit(remote(key.publicKey), signed, signal);
  await hub.verifyCommit(remote(key.fingerprint), signed, signal);
  const byGpg = await commitSigned(real.repository, gpg);
  await hub.verifyCommit(remote(key.publicKey, gpg.publicKey), byGpg, signal);

  await expect(hub.verifyCommit(remote(gpg.publicKey), signed, signal)).rejects.toMatchObject({
    code: 'GIT_SIGNATURE',
    message: expect.stringMatching(
      /^commit [0-9a-f]{12} of \S+ is not taken: it is signed by the SSH key SHA256:/,
    ),
  });
  await hub.close();
});

describe('the agent', () => {
  test('takes the trees of a signed commit, and goes on with what it verified while Git is away', async () => {
    const content = await contentOf(signed);

    expect((await reader.fetch(content, undefined, signal)).files).toHaveLength(1);
    await real.setUp(false);

    expect(await reader.fetch(content, undefined, signal)).toMatchObject({ rung: 'cache' });
  });

  test('takes nothing of a commit that nobody signed, although it has its trees', async () => {
    const unsigned = await real.commit({ 'app/a.yaml': 'a: 2\n' });
    const content = await contentOf(unsigned);
    await reader.fetch({ ...content, requiredSigners: [] }, undefined, signal);

    await expect(reader.fetch(content, undefined, signal)).rejects.toMatchObject({
      code: 'GIT_SIGNATURE',
      retry: 'never',
      message: expect.stringContaining('carries no signature'),
    });
  });

  test('takes only what a signer of the cluster signed, too, where the cluster names signers', async () => {
    const stranger = await makeSshKey(folder, 'eve');
    const strict = async (name: string, signer: string) =>
      await openContentReader({ ...trust, folder: join(folder, name), signersOf: () => [[signer]] });
    const content = await contentOf(signed, { requiredSigners: [] });

    await using stack = new AsyncDisposableStack();
    const forbidding = await strict('forbidding', stranger.publicKey);
    stack.defer(() => forbidding.close());
    await expect(forbidding.fetch(content, undefined, signal)).rejects.toMatchObject({
      code: 'GIT_SIGNATURE',
    });
    const allowing = await strict('allowing', key.publicKey);
    stack.defer(() => allowing.close());
    expect((await allowing.fetch(content, undefined, signal)).files).toHaveLength(1);
  });

  test('takes no tree that the signed commit does not have at that path, whatever the hub says', async () => {
    const elsewhere = await treeOf(signed, 'other');
    const foreign = await real.commit({ 'app/evil.yaml': 'x' });
    const trees = [await treeOf(foreign, 'app'), elsewhere];

    for (const treeId of trees) {
      const content = await contentOf(signed, { trees: [{ path: 'app', treeId }] });
      await expect(reader.fetch(content, undefined, signal)).rejects.toMatchObject({
        code: 'GIT_SIGNATURE',
        message: expect.stringContaining('has another tree at "app"'),
      });
    }
  });
});
