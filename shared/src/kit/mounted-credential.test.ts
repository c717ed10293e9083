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

const url = 'https://git.example.org';

/** The files beside the url. */
async function put(name: string, files: { readonly [part: string]: string }): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  for (const [part, text] of Object.entries({ url, ...files }))
    await writeFile(join(folder, name, part), text);
}

async function refusal(): Promise<unknown> {
  return await readMountedCredential(folder, 'github').catch((caught: unknown) => caught);
}

test.each([
  [{ token: 's3cret\n' }, { kind: 'token', token: 's3cret' }],
  [
    { username: 'bot', password: 'p w \r\n' },
    { kind: 'basic', username: 'bot', password: 'p w ' },
  ],
  [
    { url: 'ssh://git@git.example.org', 'ssh-privatekey': 'KEY\nEND', known_hosts: 'host key\n' },
    { url: 'ssh://git@git.example.org', kind: 'ssh', privateKey: 'KEY\nEND\n', knownHosts: 'host key\n' },
  ],
])('the files %j are a credential', async (files, credential) => {
  await put('github', files);
  expect(await readMountedCredential(folder, 'github')).toEqual({ name: 'github', url, ...credential });
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
  const error = await refusal();
  expect(error).toMatchObject({ code: 'CREDENTIAL_MALFORMED', message: expect.stringMatching(message) });
  expect(String(error)).not.toContain('s3cret');
});

test('a credential that names no server is refused: what it lacks, where, and what to write', async () => {
  await put('github', { token: 's3cret' });
  await rm(join(folder, 'github', 'url'));
  expect(await refusal()).toMatchObject({
    code: 'CREDENTIAL_MALFORMED',
    message: `credential "github" in ${join(folder, 'github')} has no url: add one that names the server it may be sent to, such as https://git.example.org`,
  });
});

test.each([
  'https://git.example.org/team/\n',
  'https://git.example.org:8443\r\n',
  'http://127.0.0.1:3000',
  'http://[::1]:3000/team',
  'http://localhost',
])('the url %j names a server', async (text) => {
  await put('github', { url: text, token: 's3cret' });
  expect(await readMountedCredential(folder, 'github')).toMatchObject({ url: text.trim() });
});

test.each([
  ['', /has no url/],
  ['git.example.org', /has a url that is none/],
  ['https://', /has a url that is none/],
  [
    'http://git.example.org',
    /begins with http:\/\/, and must begin with https:\/\/ \(http:\/\/ only for a server on this/,
  ],
  ['ssh://git.example.org', /begins with ssh:\/\/, and must begin with https/],
  ['file:///srv/git', /has a url that is none/],
  ['https://ada:s3cret@git.example.org', /has a user name or password in its url/],
  ['https://s3cret@git.example.org', /has a user name or password in its url/],
  ['https://git.example.org/?token=s3cret', /has a url with a query/],
  ['https://git.example.org/#s3cret', /has a url with a query or fragment/],
])('the url %j names no server that a token may be sent to, and is not repeated', async (text, message) => {
  await put('github', { url: text, token: 's3cret' });
  const error = await refusal();
  expect(error).toMatchObject({ code: 'CREDENTIAL_MALFORMED', message: expect.stringMatching(message) });
  expect(String(error)).not.toContain('s3cret');
});

test('an SSH key is for a server that is spoken to by SSH', async () => {
  await put('github', { 'ssh-privatekey': 'KEY', known_hosts: 'x' });
  expect(await refusal()).toMatchObject({
    message: expect.stringContaining('has a url that begins with https://, and must begin with ssh://'),
  });
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
