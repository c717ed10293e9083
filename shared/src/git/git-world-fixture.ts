import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createRepository,
  type GitServer,
  type GitServerOptions,
  startGitServer,
  type TestRepository,
} from '../../../test/real/git-server/index.ts';
import { type ObjectStore, openFolderStore } from './store/index.ts';
import { openRemote, type Remote, type RemoteSettings } from './wire/index.ts';

/** A real Git server with one repository, and what a client needs to talk to it. Dispose to remove all of it. */
export interface GitWorld extends AsyncDisposable {
  readonly folder: string;
  readonly server: GitServer;
  /** Served as `shop`. */
  readonly repository: TestRepository;
  /** A new remote on `shop`, closed with the world. */
  remote(settings?: Partial<RemoteSettings>): Remote;
  /** A new folder store of its own. */
  store(): Promise<ObjectStore>;
}

/** How the world is made. */
export interface GitWorldOptions extends Omit<GitServerOptions, 'root'> {
  readonly objectFormat?: 'sha1' | 'sha256';
}

/** Starts a server on a free port with an empty repository. */
export async function openGitWorld(options: GitWorldOptions = {}): Promise<GitWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-git-'));
  const { objectFormat = 'sha1', ...serving } = options;
  const repository = await createRepository(join(folder, 'repositories', 'shop.git'), { objectFormat });
  const server = await startGitServer({ root: join(folder, 'repositories'), ...serving });
  const remotes: Remote[] = [];
  let stores = 0;
  return {
    folder,
    server,
    repository,
    remote(settings = {}) {
      const remote = openRemote({
        url: server.urlOf('shop'),
        allowPlainHttpHosts: ['127.0.0.1'],
        scratchFolder: join(folder, 'scratch'),
        ...settings,
      });
      remotes.push(remote);
      return remote;
    },
    store() {
      stores += 1;
      return openFolderStore({ folder: join(folder, `store-${stores}`) });
    },
    async [Symbol.asyncDispose]() {
      for (const remote of remotes) await remote.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
