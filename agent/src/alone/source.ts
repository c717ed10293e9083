import { join } from 'node:path';
import { FlotillaError, type GitId } from '@flotilla/shared/base';
import {
  fetchCommit,
  GitError,
  gitCredentialOf,
  listRefs,
  openFolderStore,
  openRemote,
  refPrefixes,
  resolvePath,
  resolveRef,
} from '@flotilla/shared/git';
import { proxySettings } from '@flotilla/shared/git/proxy';
import type { BoundCredential, CommitInfo, Content, TreeRef } from '@flotilla/shared/model';
import { folderCredentialStore } from '../io/credential-store.ts';
import { openContentReader } from '../io/git/index.ts';
import type { ContentPort, FetchedContent } from '../ports.ts';
import { readFolder } from './read-folder.ts';
import type { SourceConfig } from './settings.ts';

/** Where standalone commands have their content from. */
export interface Source extends AsyncDisposable {
  /** What is there now. Rejects when it cannot be read. */
  resolve(signal: AbortSignal): Promise<Content>;
  /** Gets a content that resolve() gave; for a folder the last one. */
  readonly port: ContentPort;
}

/** Opens a folder or a repository; `scratch` is a folder for what is fetched. */
export async function openSource(config: SourceConfig, scratch: string): Promise<Source> {
  const { dir, repo } = config;
  if (dir !== undefined) return folderSource(dir, config);
  return await gitSource({ ...config, repo: repo ?? '' }, scratch);
}

function folderSource(dir: string, config: SourceConfig): Source {
  let last: FetchedContent | undefined;
  return {
    async resolve(signal) {
      const { files, problems, id } = await readFolder(dir, signal);
      const trees = [{ path: cleanPath(config.path ?? ''), treeId: id }];
      last = { commit: id, trees, files, problems, rung: 'folder' };
      const commit = { id, author: '', subject: '', committedAtS: 0 };
      return contentOf({ url: `file://${dir}`, ref: '', credential: undefined }, { commit, trees });
    },
    port: {
      fetch: async ({ commit }) => {
        if (last?.commit === commit.id) return last;
        throw new FlotillaError(`${dir} has changed meanwhile`, { code: 'FOLDER_CHANGED', retry: 'backoff' });
      },
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

type GitConfig = SourceConfig & { readonly repo: string };

async function gitSource(config: GitConfig, scratch: string): Promise<Source> {
  const { repo, ref, credentialsDir, credential } = config;
  const proxy = proxySettings(config.gitProxy, config.noProxy);
  const network = {
    allowPlainHttpHosts: config.plainHttpHosts,
    deniedRanges: config.deniedRanges,
    ...(proxy === undefined ? {} : { proxy }),
  };
  const reader = await openContentReader({ ...network, folder: join(scratch, 'content') });
  const store = await openFolderStore({ folder: join(scratch, 'commits') });

  async function credentialNow(signal: AbortSignal): Promise<BoundCredential | undefined> {
    if (credential === undefined) return undefined;
    const found = await folderCredentialStore(credentialsDir ?? '').find(credential, signal);
    if (credentialsDir !== undefined && found !== undefined) return found;
    const text = `there is no credential ${credential}: give --credentials-dir, with a folder of that name`;
    throw new FlotillaError(text, { code: 'CREDENTIAL_MISSING', retry: 'never' });
  }

  return {
    async resolve(signal) {
      const found = await credentialNow(signal);
      await using remote = openRemote({
        ...{ url: repo, scratchFolder: join(scratch, 'scratch') },
        ...network,
        ...(found === undefined ? {} : { credential: gitCredentialOf(found) }),
      });
      const { refs } = await listRefs(remote, { prefixes: refPrefixes(ref) }, signal);
      const resolved = resolveRef(refs, ref);
      if (!resolved.ok) throw new GitError('GIT_REF_MISSING', `${repo}: ${resolved.error.text}`);
      const { commit } = await fetchCommit(remote, { store, commit: resolved.value.id, have: [] }, signal);
      const paths = [config.path ?? '', ...config.include].map(cleanPath);
      const trees: TreeRef[] = [];
      for (const path of new Set(paths)) {
        const entry = await resolvePath(store, commit.tree, path);
        if (!entry.ok) throw broken(`${repo} at ${ref}: ${entry.error.text}`);
        trees.push({ path, treeId: entry.value.id });
      }
      const info = { id: resolved.value.id, author: '', subject: '', committedAtS: 0 };
      return contentOf({ url: repo, ref, credential }, { commit: info, trees });
    },
    port: {
      fetch: async (content, _credential, signal) =>
        await reader.fetch(content, await credentialNow(signal), signal),
    },
    async [Symbol.asyncDispose]() {
      await reader.close();
      await store.close();
    },
  };
}

function contentOf(
  where: { readonly url: string; readonly ref: string; readonly credential: string | undefined },
  what: { readonly commit: CommitInfo & { readonly id: GitId }; readonly trees: readonly TreeRef[] },
): Content {
  return {
    repositoryUrl: where.url,
    // Credentials are found by the source itself.
    credential: undefined,
    commit: what.commit,
    ref: where.ref,
    trees: what.trees,
    requiredSigners: [],
    caBundlePem: undefined,
  };
}

/** `./apps/shop/` is `apps/shop`; what leaves the folder is refused. */
function cleanPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (!parts.includes('..') && !path.startsWith('/')) return parts.join('/');
  throw broken(`path ${JSON.stringify(path)} leaves the folder or repository`);
}

function broken(text: string): FlotillaError {
  return new FlotillaError(text, { code: 'PATH_BROKEN', retry: 'never' });
}
