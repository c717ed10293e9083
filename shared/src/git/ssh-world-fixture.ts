import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRepository, type TestRepository } from '../../../test/real/git-server/index.ts';
import { makeSshKey, type SshKeyPair } from '../../../test/real/git-server/ssh-keys.ts';
import { type SshGitServer, startSshGitServer } from '../../../test/real/git-server/ssh-server.ts';
import { openRemote, type Remote, type RemoteSettings } from './wire/index.ts';

/** A real repository behind an SSH server, with the keys of both sides. Dispose to remove all of it. */
export interface SshWorld extends AsyncDisposable {
  readonly folder: string;
  readonly server: SshGitServer;
  /** Served as `shop.git`, with one commit on `main`. */
  readonly repository: TestRepository;
  readonly hostKey: SshKeyPair;
  readonly userKey: SshKeyPair;
  /** `[127.0.0.1]:port`, as known_hosts writes it. */
  readonly host: string;
  /** A credential with the user's key for the server, that pins its host key unless told otherwise. */
  credential(change?: Partial<SshCredential>): SshCredential;
  /** A new remote on `shop.git`, closed with the world. */
  remote(settings?: Partial<RemoteSettings>): Remote;
}

type SshCredential = Extract<RemoteSettings['credential'], { kind: 'ssh' }>;

/** Starts a server on a free port. */
export async function openSshWorld(hostKeyType = 'ed25519'): Promise<SshWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-ssh-'));
  const root = join(folder, 'repositories');
  const repository = await createRepository(join(root, 'shop.git'));
  await repository.commit({ 'apps/shop/a.yaml': 'a: 1\n', 'apps/other/b.yaml': 'b: 1\n'.repeat(500) });
  const hostKey = await makeSshKey(folder, 'host', { type: hostKeyType });
  const userKey = await makeSshKey(folder, 'user');
  const server = await startSshGitServer({
    root,
    hostKeys: [hostKey.privateKey],
    authorized: userKey.publicKey,
  });
  const host = `[127.0.0.1]:${server.port}`;
  const remotes: Remote[] = [];
  const credential = (change: Partial<SshCredential> = {}): SshCredential => ({
    name: 'deploy',
    url: `ssh://git@127.0.0.1:${server.port}`,
    kind: 'ssh',
    privateKey: userKey.privateKey,
    knownHosts: `${host} ${hostKey.publicKey}\n`,
    ...change,
  });
  return {
    folder,
    server,
    repository,
    hostKey,
    userKey,
    host,
    credential,
    remote(settings = {}) {
      const remote = openRemote({
        url: server.urlOf('shop.git'),
        credential: credential(),
        allowPlainHttpHosts: ['127.0.0.1'],
        scratchFolder: join(folder, 'scratch'),
        ...settings,
      });
      remotes.push(remote);
      return remote;
    },
    async [Symbol.asyncDispose]() {
      for (const remote of remotes) await remote.close();
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
