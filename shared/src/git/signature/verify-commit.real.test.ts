import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRepository, runGit, type TestRepository } from '../../../../test/real/git-server/index.ts';
import { commitSigned, type GpgKey, makeGpgKey } from '../../../../test/real/git-server/signed-commits.ts';
import { makeSshKey, type SshKeyPair } from '../../../../test/real/git-server/ssh-keys.ts';
import type { GitId } from '../../base/index.ts';
import type { Commit } from '../git-object.ts';
import { parseCommit } from '../tree/parse-commit.ts';
import { judgeSignature, verifyCommit } from './verify-commit.ts';

let folder: string;
let repository: TestRepository;
let sshKey: SshKeyPair;
let otherSshKey: SshKeyPair;
let gpgKey: GpgKey;
let otherGpgKey: GpgKey;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-signed-'));
  repository = await createRepository(join(folder, 'shop.git'));
  await repository.commit({ 'a.yaml': 'a: 1\n' });
  sshKey = await makeSshKey(folder, 'ada');
  otherSshKey = await makeSshKey(folder, 'eve');
  gpgKey = await makeGpgKey(folder, 'gpg-ada');
  otherGpgKey = await makeGpgKey(folder, 'gpg-eve');
});

afterAll(async () => {
  await gpgKey[Symbol.asyncDispose]();
  await otherGpgKey[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function read(id: GitId): Promise<Commit> {
  const commit = parseCommit(id, await repository.git(['cat-file', 'commit', id]));
  return commit.ok ? commit.value : expect.fail(commit.error);
}

/** What is wrong with a commit, or `good`. */
async function verdictOf(commit: Commit, ...signers: readonly string[]): Promise<string> {
  const judged = await judgeSignature(commit, signers);
  return judged.ok ? 'good' : judged.error;
}

function withPayload(commit: Commit, payload: string): Commit {
  return { ...commit, signedPayload: Buffer.from(payload) };
}

describe('an SSH signature', () => {
  test.each([['ed25519'], ['ecdsa'], ['rsa']])(
    'by git with a key of type %s is good for its signer',
    async (type) => {
      const key = await makeSshKey(folder, `key-${type}`, { type });
      const commit = await read(await commitSigned(repository, key));

      expect(await judgeSignature(commit, [otherSshKey.publicKey, key.publicKey])).toEqual({
        ok: true,
        value: { signer: key.fingerprint },
      });
      expect(await verdictOf(commit, key.fingerprint)).toBe('good');
    },
  );

  test('is taken for good where git takes it so', async () => {
    const id = await commitSigned(repository, sshKey);
    const allowed = join(folder, 'allowed_signers');
    await writeFile(allowed, `ada@example.org ${sshKey.publicKey}\n`);

    await runGit([
      '-C',
      repository.gitdir,
      '-c',
      `gpg.ssh.allowedSignersFile=${allowed}`,
      'verify-commit',
      id,
    ]);

    expect(await verdictOf(await read(id), sshKey.publicKey)).toBe('good');
  });

  test('by somebody else is not, and says by whom', async () => {
    const commit = await read(await commitSigned(repository, sshKey));

    expect(await verdictOf(commit, otherSshKey.publicKey, gpgKey.publicKey)).toBe(
      `is signed by the SSH key ${sshKey.fingerprint}, which is none of the signers`,
    );
  });

  test('of another commit is not', async () => {
    const commit = await read(await commitSigned(repository, sshKey));
    const changed = withPayload(commit, `${commit.signedPayload}more`);

    expect(await verdictOf(changed, sshKey.publicKey)).toBe(
      `carries a signature of ${sshKey.fingerprint} that does not cover this commit`,
    );
  });

  test('that was made for something else than git is not', async () => {
    const commit = await read(await commitSigned(repository, sshKey));
    const file = join(folder, 'payload');
    await writeFile(file, commit.signedPayload ?? '');
    await promisify(execFile)('ssh-keygen', ['-Y', 'sign', '-q', '-n', 'file', '-f', sshKey.file, file]);
    const signature = await readFile(`${file}.sig`, 'utf8');

    expect(await verdictOf({ ...commit, signature }, sshKey.publicKey)).toBe(
      'carries a signature that is made for "file", and not for git',
    );
  });

  test('is never good once a byte of it, or of what it covers, is another', async () => {
    const commit = await read(await commitSigned(repository, sshKey));
    const payload = commit.signedPayload ?? Buffer.alloc(0);
    const inner = commit.signature?.split('\n').slice(1, -1).join('') ?? '';
    const bytes = Buffer.from(inner, 'base64');
    const flip = (from: Buffer, at: number, bit: number) => {
      const to = Buffer.from(from);
      to[at % to.length] = (to[at % to.length] ?? 0) ^ (1 << bit);
      return to;
    };
    const armored = (data: Buffer) =>
      `-----BEGIN SSH SIGNATURE-----\n${data.toString('base64')}\n-----END SSH SIGNATURE-----`;
    expect(await verdictOf({ ...commit, signature: armored(bytes) }, sshKey.publicKey)).toBe('good');

    await fc.assert(
      fc.asyncProperty(fc.nat(10_000), fc.nat(7), async (at, bit) => {
        const torn = { ...commit, signature: armored(flip(bytes, at, bit)) };
        const changed = { ...commit, signedPayload: flip(payload, at, bit) };
        expect(await verdictOf(torn, sshKey.publicKey)).not.toBe('good');
        expect(await verdictOf(changed, sshKey.publicKey)).not.toBe('good');
      }),
    );
  });
});

describe('an OpenPGP signature', () => {
  test.each([['ed25519'], ['rsa3072'], ['nistp256']])(
    'by gpg with a key of type %s is good for its signer',
    async (algorithm) => {
      await using key = await makeGpgKey(folder, `gpg-${algorithm}`, { algorithm });
      const commit = await read(await commitSigned(repository, key));

      expect(await judgeSignature(commit, [otherGpgKey.publicKey, sshKey.publicKey, key.publicKey])).toEqual({
        ok: true,
        value: { signer: key.fingerprint },
      });
    },
  );

  test('by somebody else is not, and says by which key', async () => {
    const commit = await read(await commitSigned(repository, gpgKey));

    expect(await verdictOf(commit, otherGpgKey.publicKey)).toBe(
      `carries a signature that is by the OpenPGP key ${gpgKey.fingerprint.slice(-16)}, which is none of the signers`,
    );
    expect(await verdictOf(commit, sshKey.publicKey)).toMatch(/which is none of the signers$/);
  });

  test('of another commit is not', async () => {
    const commit = await read(await commitSigned(repository, gpgKey));

    expect(await verdictOf(withPayload(commit, 'tree other'), gpgKey.publicKey)).toMatch(
      /^carries a signature that is not good: /,
    );
  });

  test('of before its key expired stays good, as git has it, and one of after it never was', async () => {
    const at = '20200101T000000';
    await using key = await makeGpgKey(folder, 'gpg-short', { expires: '1d', at });
    const then = join(folder, 'gpg-then');
    await writeFile(then, `#!/bin/sh\nexec gpg --faked-system-time ${at} "$@"\n`, { mode: 0o755 });

    const before = await read(await commitSigned(repository, key, { gpgProgram: then }));
    // Only with a later end would gpg sign today; the signers still have the key as it was.
    await key.gpg('--quick-set-expire', key.fingerprint, '0');
    const after = await read(await commitSigned(repository, key));

    expect(await verdictOf(before, key.publicKey)).toBe('good');
    expect(await verdictOf(after, key.publicKey)).toMatch(
      /^carries a signature that is not good: .*expired/i,
    );
  });

  test('by a key that was revoked is not', async () => {
    await using key = await makeGpgKey(folder, 'gpg-lost');
    const commit = await read(await commitSigned(repository, key));
    const file = join(key.home, 'openpgp-revocs.d', `${key.fingerprint}.rev`);
    const revocation = (await readFile(file, 'utf8')).replace(':-----BEGIN', '-----BEGIN');
    await writeFile(file, revocation);
    await key.gpg('--import', file);
    const { stdout } = await promisify(execFile)('gpg', ['--homedir', key.home, '--armor', '--export']);

    expect(await verdictOf(commit, key.publicKey)).toBe('good');
    expect(await verdictOf(commit, stdout)).toMatch(/^carries a signature that is not good: .*revoked/i);
  });

  test('that is none is not', async () => {
    const commit = await read(await commitSigned(repository, gpgKey));
    const signature = '-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----';

    expect(await verdictOf({ ...commit, signature }, gpgKey.publicKey)).toMatch(/cannot be checked: /);
    expect(
      await verdictOf(commit, gpgKey.publicKey.replace(/\n[A-Za-z0-9+/]{20}/, '\nAAAAAAAAAAAAAAAAAAAA')),
    ).toMatch(/cannot be checked: /);
  });
});

test('no signature, and one of another kind, are not good', async () => {
  const plain = await read(await repository.commit({ 'a.yaml': 'a: 2\n' }));
  const signed = await read(await commitSigned(repository, sshKey));
  const x509 = { ...signed, signature: '-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----' };

  expect(await verdictOf(plain, sshKey.publicKey)).toBe('carries no signature');
  expect(await verdictOf(x509, sshKey.publicKey)).toBe(
    'carries a signature of a kind that is not checked here (x509)',
  );
  await expect(
    verifyCommit(plain, [sshKey.publicKey], 'https://git.example.org/shop.git'),
  ).rejects.toMatchObject({
    code: 'GIT_SIGNATURE',
    retry: 'never',
    message: `commit ${plain.id.slice(0, 12)} of https://git.example.org/shop.git is not taken: it carries no signature`,
  });
});

test('a signer that cannot be read verifies nothing', async () => {
  const commit = await read(await commitSigned(repository, sshKey));

  expect(await verdictOf(commit, sshKey.publicKey, 'ada')).toMatch(
    /^cannot be checked: signer 2 is no signer/,
  );
});
