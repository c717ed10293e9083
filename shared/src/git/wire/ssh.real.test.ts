import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRepository, runGit } from '../../../../test/real/git-server/index.ts';
import { makeSshKey } from '../../../../test/real/git-server/ssh-keys.ts';

import { fetchCommit, fetchTrees } from '../fetch/index.ts';
import { openSshWorld, type SshWorld } from '../ssh-world-fixture.ts';
import { memoryStore } from '../store/index.ts';
import { outcome } from './outcome-fixture.ts';

const signal = AbortSignal.timeout(120_000);

async function treesOf(world: SshWorld, remote = world.remote()) {
  const [commit, tree] = [await world.repository.idOf('main'), await world.repository.idOf('main:apps/shop')];
  return fetchTrees(remote, { store: memoryStore(), commit, treeIds: [tree] }, signal);
}

describe('a server that shows a pinned key', () => {
  it.each([['ed25519'], ['ecdsa'], ['rsa']])('gives exactly the wanted tree: %s', async (type) => {
    await using world = await openSshWorld(type);

    expect(await outcome(world.remote())).toBe('refs/heads/main');
    const fetched = await treesOf(world);

    expect(fetched).toMatchObject({ rung: 'tree', refused: [], stats: { requests: 1, objects: 2 } });
    expect(world.server.seen).toContain('login git');
    expect(world.server.seen).toContain(`git-upload-pack '/shop.git'`);
  });

  it('is logged in to once, and anew after it has closed the connection', async () => {
    await using world = await openSshWorld();
    const remote = world.remote();
    const commit = await world.repository.idOf('main');

    await outcome(remote);
    await fetchCommit(remote, { store: memoryStore(), commit }, signal);
    await treesOf(world, remote);
    expect(world.server.connections()).toBe(1);
    world.server.disconnect();
    await expect.poll(() => outcome(remote)).toBe('refs/heads/main');

    expect(world.server.connections()).toBe(2);
  });

  it('that takes no GIT_PROTOCOL is spoken to in v0, and gives the commit', async () => {
    await using world = await openSshWorld();
    world.server.misbehave('v0');

    expect(await outcome(world.remote())).toBe('refs/heads/main');
    const first = await treesOf(world);
    const commit = await world.repository.idOf('main');
    const whole = await fetchCommit(world.remote(), { store: memoryStore(), commit }, signal);

    expect(first).toMatchObject({
      rung: 'depth-1',
      refused: ['tree', 'filtered'].map((rung) => ({ rung, text: 'the server speaks only protocol v0' })),
    });
    expect(whole).toMatchObject({ blobs: 'present', commit: { id: commit } });
  });

  it('gets the path as one word, whatever stands in it', async () => {
    await using world = await openSshWorld();
    const odd = `it's $(touch hacked) !x "y".git`;
    const repository = await createRepository(`${world.folder}/repositories/${odd}`);
    await repository.commit({ a: '1' });

    const { port } = world.server;
    const url = `ssh://git@127.0.0.1:${port}/${encodeURIComponent(odd)}`;

    expect(await outcome(world.remote({ url }))).toBe('refs/heads/main');
  });

  it('serves OpenSSH and git as it serves us', async () => {
    await using world = await openSshWorld();
    const known = join(world.folder, 'known_hosts');
    await writeFile(known, world.credential().knownHosts);
    const ssh = `ssh -F none -i ${world.userKey.file} -o UserKnownHostsFile=${known} -o IdentitiesOnly=yes -o BatchMode=yes`;

    const listed = await runGit(['ls-remote', world.server.urlOf('shop.git')], '', { GIT_SSH_COMMAND: ssh });

    expect(listed.toString()).toContain('refs/heads/main');
  });
});

describe('a host key', () => {
  it('that is not pinned is refused before any login, and the line to add is told', async () => {
    await using world = await openSshWorld();
    const { host, hostKey, server } = world;

    const text = await outcome(world.remote({ credential: world.credential({ knownHosts: '# none\n' }) }));

    expect(text).toBe(
      `GIT_HOST_KEY: the server of ${server.urlOf('shop.git')} shows the host key ssh-ed25519 ${hostKey.fingerprint}, and known_hosts of credential deploy has none for it; if that is its key, add the line: ${host} ${hostKey.publicKey}`,
    );
    expect(server.seen).toEqual([]);
  });

  it('that changed is refused before any login, and both fingerprints are told', async () => {
    await using world = await openSshWorld();
    const { host, hostKey, server, userKey } = world;
    const other = `${host} ${userKey.publicKey}\n`;

    const text = await outcome(world.remote({ credential: world.credential({ knownHosts: other }) }));

    expect(text).toBe(
      `GIT_HOST_KEY: the server of ${server.urlOf('shop.git')} shows the host key ssh-ed25519 ${hostKey.fingerprint}, and known_hosts of credential deploy pins ssh-ed25519 ${userKey.fingerprint}; if the server was given a new key, put it there, else somebody stands between`,
    );
    expect(server.seen).toEqual([]);
  });

  it('that is revoked is refused although another line has it', async () => {
    await using world = await openSshWorld();
    const { host, hostKey } = world;
    const knownHosts = `${host} ${hostKey.publicKey}\n@revoked * ${hostKey.publicKey}\n`;

    expect(await outcome(world.remote({ credential: world.credential({ knownHosts }) }))).toMatch(
      /^GIT_HOST_KEY: .* calls revoked$/,
    );
  });
});

describe('a login', () => {
  it('with a key that the server does not know is refused, and says which key of which credential', async () => {
    await using world = await openSshWorld();
    const { privateKey } = world.hostKey;

    expect(await outcome(world.remote({ credential: world.credential({ privateKey }) }))).toMatch(
      /^GIT_UNAUTHORIZED: the server of \S+ refuses the ssh-ed25519 key of credential deploy for git$/,
    );
    expect(world.server.seen).toEqual(['refused login']);
  });

  it.each([
    ['no key', 'nonsense', /^GIT_SSH_KEY: ssh-privatekey of credential deploy cannot be read/],
    ['nothing', '\n', /^GIT_SSH_KEY: ssh-privatekey of credential deploy cannot be read/],
  ])('is not tried with %s', async (_what, privateKey, text) => {
    await using world = await openSshWorld();

    expect(await outcome(world.remote({ credential: world.credential({ privateKey }) }))).toMatch(text);
    expect(world.server.connections()).toBe(0);
  });

  it('is not tried with a public key, nor with one that has a passphrase', async () => {
    await using world = await openSshWorld();
    const locked = await makeSshKey(world.folder, 'locked', { passphrase: 'hunter2' });

    for (const privateKey of [world.userKey.publicKey, locked.privateKey]) {
      expect(await outcome(world.remote({ credential: world.credential({ privateKey }) }))).toMatch(
        /^GIT_SSH_KEY: /,
      );
    }
    expect(world.server.connections()).toBe(0);
  });

  it('needs a key: a token is of no use, and nothing is dialled', async () => {
    await using world = await openSshWorld();
    const url = world.server.urlOf('shop.git');
    const token = { name: 'shop', url, kind: 'token', token: 's3cret' } as const;

    expect(() => world.remote({ credential: token })).toThrow(
      expect.objectContaining({ code: 'GIT_CREDENTIAL_UNFIT' }),
    );
    expect(() =>
      world.remote({
        url: 'https://git.example.org/shop.git',
        credential: { ...world.credential(), url: 'https://git.example.org' },
      }),
    ).toThrow(expect.objectContaining({ code: 'GIT_CREDENTIAL_UNFIT' }));
    expect(world.server.connections()).toBe(0);
  });
});

describe('an address', () => {
  it('of another server, or of one that is not for the credential, is never dialled', async () => {
    await using world = await openSshWorld();
    const { port } = world.server;
    const elsewhere = world.credential({ url: 'ssh://git@git.example.org' });

    expect(() => world.remote({ credential: elsewhere })).toThrow(
      expect.objectContaining({
        code: 'GIT_CREDENTIAL_ELSEWHERE',
        message: `credential deploy is for ssh://git@git.example.org and is not sent to ssh://git@127.0.0.1:${port}/shop.git`,
      }),
    );
    expect(() => world.remote({ url: `ssh://root@127.0.0.1:${port}/shop.git` })).toThrow(
      expect.objectContaining({ code: 'GIT_CREDENTIAL_ELSEWHERE' }),
    );
    expect(world.server.connections()).toBe(0);
  });

  it('of this machine is refused unless it is listed, also behind a name', async () => {
    await using world = await openSshWorld();
    const { port } = world.server;
    const url = `ssh://git@localhost:${port}/shop.git`;
    const credential = world.credential({ url });

    expect(() => world.remote({ allowPlainHttpHosts: [] })).toThrow(
      expect.objectContaining({ code: 'GIT_ADDRESS_REFUSED' }),
    );
    expect(await outcome(world.remote({ url, credential, allowPlainHttpHosts: [] }))).toMatch(
      /^GIT_ADDRESS_REFUSED: localhost is not connected to/,
    );
    expect(world.server.connections()).toBe(0);
  });
});
