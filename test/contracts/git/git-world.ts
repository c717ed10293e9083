import type { GitPort, GitRemote } from '@flotilla/hub/ports';
import type { GitId } from '@flotilla/shared/base';
import type { CommitOptions } from '../../fakes/git.ts';
import type { Files } from '../../fakes/git-objects.ts';

/** A Git server with one repository, a hub's way to it, and what a test may do to both. */
export interface GitWorld extends AsyncDisposable {
  /**
   * A hub whose cache is empty and which has the token `s3cret` mounted as `good` and `wr0ng` as `bad`, both for this server,
   * and `s3cret` as `elsewhere` for `https://other.example.org`.
   */
  open(): Promise<GitPort>;
  readonly url: string;
  /** Commits a whole tree; the branch, default main, moves there. */
  commit(files: Files, options?: CommitOptions): Promise<GitId>;
  tag(name: string, commit: GitId): Promise<void>;
  deleteBranch(name: string): Promise<void>;
  treeAt(commit: GitId, path: string): Promise<GitId>;
  setUp(isUp: boolean): Promise<void>;
  /** From now on the server wants this token. */
  demand(token: string): Promise<void>;
  /** Requests that reached the server, also those it refused. */
  asked(): Promise<number>;
}

/** Makes a new one for each test. */
export type MakeWorld = () => Promise<GitWorld>;

/** Some files to begin with. */
export const files = { 'rules/a.yaml': 'a: 1\n', 'rules/deep/b.yaml': 'b: 1\n', 'rules.txt': 'x\n' };

/** The repository as a Source names it. */
export function remoteOf(world: GitWorld, credential?: string): GitRemote {
  return { url: world.url, credential, caBundlePem: undefined };
}
