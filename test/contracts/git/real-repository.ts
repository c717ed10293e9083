import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GitId } from '@flotilla/shared/base';
import type { CommitOptions } from '../../fakes/git.ts';
import type { Files } from '../../fakes/git-objects.ts';
import {
  createRepository,
  type GitServer,
  startGitServer,
  type TestRepository,
} from '../../real/git-server/index.ts';

/** A repository behind a real Git server, as both suites about Git want it. */
export interface RealRepository extends AsyncDisposable {
  /** Removed at the end; for the caches of readers. */
  readonly folder: string;
  readonly url: string;
  readonly repository: TestRepository;
  readonly server: GitServer;
  commit(files: Files, options?: CommitOptions): Promise<GitId>;
  treeAt(commit: GitId, path: string): Promise<GitId>;
  setUp(isUp: boolean): Promise<void>;
  demand(token: string): Promise<void>;
  /** Requests that reached the server, also those it refused. */
  asked(): Promise<number>;
}

/** Starts a server on a free port with an empty repository. */
export async function openRealRepository(): Promise<RealRepository> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-git-contract-'));
  const root = join(folder, 'repositories');
  const repository = await createRepository(join(root, 'shop.git'));
  // The server looks at each request.
  const credentials: Record<string, string> = {};
  const server = await startGitServer({ root, credentials });
  return {
    folder,
    repository,
    server,
    url: server.urlOf('shop'),
    commit: (files, options) => repository.commit(files, { replaceAll: true, ...options }),
    treeAt: (commit, path) => repository.idOf(path === '' ? `${commit}^{tree}` : `${commit}:${path}`),
    setUp: async (isUp) => server.misbehave('shop', ...(isUp ? [] : (['server-error'] as const))),
    demand: async (token) => {
      credentials['shop'] = `token:${token}`;
    },
    async asked() {
      const { fetchBytes: _, ...requests } = server.stats('shop');
      return Object.values(requests).reduce((sum, count) => sum + count, 0);
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
