import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readMountedCredential } from './mounted-credential.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-credentials-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(name: string, files: { readonly [part: string]: string }): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  for (const [part, text] of Object.entries(files)) await writeFile(join(folder, name, part), text);
}

test.each([
  [{ token: 's3cret\n' }, { kind: 'token', token: 's3cret' }],
  [
    { username: 'bot', password: 'p w \r\n' },
    { kind: 'basic', username: 'bot', password: 'p w ' },
  ],
  [
    { 'ssh-privatekey': 'KEY\nEND', known_hosts: 'host key\n' },
    { kind: 'ssh', privateKey: 'KEY\nEND\n', knownHosts: 'host key\n' },
  ],
])('the files %j are a credential', async (files, credential) => {
  await put('github', files);
  expect(await readMountedCredential(folder, 'github')).toEqual({ name: 'github', ...credential });
});

test('other files beside the parts do not matter, and what Kubernetes mounts through links is read', async () => {
  await put('..data', { token: 'linked' });
  await mkdir(join(folder, 'github'));
  await symlink(join(folder, '..data', 'token'), join(folder, 'github', 'token'));
  await put('github', { README: 'hello' });
  expect(await readMountedCredential(folder, 'github')).toMatchObject({ token: 'linked' });
});

test('a rotated file is used at once', async () => {
  await put('github', { token: 'old' });
  await readMountedCredential(folder, 'github');
  await put('github', { token: 'new' });
  expect(await readMountedCredential(folder, 'github')).toMatchObject({ token: 'new' });
});

test('a credential that is not there is none', async () => {
  expect(await readMountedCredential(folder, 'github')).toBeUndefined();
  expect(await readMountedCredential(join(folder, 'nowhere'), 'github')).toBeUndefined();
  expect(await readMountedCredential(undefined, 'github')).toBeUndefined();
});

test.each([
  ['no part', {}, /has none of its parts, and must have exactly one of/],
  ['two kinds', { token: 's3cret', username: 'u', password: 'p' }, /has password, token, username, and must/],
  ['half a pair', { username: 'u' }, /has username, and must/],
  ['an empty token', { token: '\n' }, /has an empty token/],
  ['an empty password', { username: 'u', password: '' }, /has an empty username or password/],
  [
    'a far too large part',
    { token: 's3cret'.repeat(20_000) },
    /has 120000 bytes in .*token, more than 65536/,
  ],
])('a credential with %s is refused, and the message holds no secret', async (_name, files, message) => {
  await put('github', files);
  const error = await readMountedCredential(folder, 'github').catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'CREDENTIAL_MALFORMED', message: expect.stringMatching(message) });
  expect(String(error)).not.toContain('s3cret');
});

test.each(['../other', 'a/b', '.', '', '..', `${'x'.repeat(300)}`])(
  'the name %j leads nowhere',
  async (name) => {
    await put('other', { token: 'x' });
    await expect(readMountedCredential(join(folder, 'inner'), name)).rejects.toMatchObject({
      code: 'CREDENTIAL_MALFORMED',
    });
  },
);
