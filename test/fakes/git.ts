import type { GitId } from '@flotilla/shared/base';
import { GitError } from '@flotilla/shared/git';
import { type Files, type GitObjects, gitObjects } from './git-objects.ts';

/** How a commit differs from the next one on main. */
export interface CommitOptions {
  readonly branch?: string;
  readonly parent?: GitId | null;
  readonly message?: string;
}

/** A Git server with one repository, in memory. Objects have Git's own ids; any number of readers may share it. */
export interface MemoryGit {
  readonly objects: GitObjects;
  /** While false, whoever needs the server gets GIT_UNREACHABLE. */
  isUp: boolean;
  /** When set, a reader must show it. */
  token: string | undefined;
  /** Fetches that reached the server. */
  readonly fetches: number;
  /** The same, with those that it refused. */
  readonly asked: number;
  /** Commits a whole tree; the branch moves there. `parent` defaults to the branch's tip. */
  commit(files: Files, options?: CommitOptions): GitId;
  tag(name: string, commit: GitId): void;
  deleteBranch(name: string): void;
  /** The tree of a folder of a commit. */
  treeAt(commit: GitId, path: string): GitId;
  /** Counts as one fetch; throws as the server does when it is away or wants another token. */
  reach(token: string | undefined): void;
  /** Branches and tags by full name; throws GIT_EMPTY_REPOSITORY when there is none. */
  refs(): readonly { readonly name: string; readonly id: GitId }[];
}

/** Makes a server with an empty repository. */
export function memoryGit(): MemoryGit {
  const objects = gitObjects();
  const refs = new Map<string, GitId>();
  let fetches = 0;
  let asked = 0;
  const git: MemoryGit = {
    objects,
    isUp: true,
    token: undefined,
    get fetches() {
      return fetches;
    },
    get asked() {
      return asked;
    },
    commit(files, { branch = 'main', message, parent } = {}) {
      const tip = refs.get(`refs/heads/${branch}`);
      const before = parent === undefined ? tip : (parent ?? undefined);
      const id = objects.commit(files, before === undefined ? [] : [before], message);
      refs.set(`refs/heads/${branch}`, id);
      return id;
    },
    tag: (name, commit) => void refs.set(`refs/tags/${name}`, commit),
    deleteBranch: (name) => void refs.delete(`refs/heads/${name}`),
    treeAt: (commit, path) => objects.treeAt(commit, path),
    reach(token) {
      asked += 1;
      if (!git.isUp) throw new GitError('GIT_UNREACHABLE', 'the server is away');
      if (git.token !== token && git.token !== undefined)
        throw new GitError('GIT_UNAUTHORIZED', 'the server wants another token');
      fetches += 1;
    },
    refs() {
      if (refs.size === 0) throw new GitError('GIT_EMPTY_REPOSITORY', 'the repository has no refs');
      return [...refs].map(([name, id]) => ({ name, id }));
    },
  };
  return git;
}
