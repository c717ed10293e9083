import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GitId, parseGitId } from '@flotilla/shared/base';
import { runGit } from './isolated-git.ts';

/** What a commit does to one path: new content, another kind of entry, or its removal. */
export type FileChange =
  | string
  | Uint8Array
  | { readonly executable: string }
  | { readonly symlink: string }
  | { readonly submodule: string }
  | null;

/** How a commit is made. */
export interface CommitOptions {
  /** Default `main`. */
  readonly branch?: string;
  readonly message?: string;
  /** Default: the branch's tip, or none when there is no such branch. `null` makes a root commit. */
  readonly parent?: GitId | null;
  /** Removes every path that the parent has before the changes are made. */
  readonly replaceAll?: boolean;
}

/** One line of a tree made by hand. */
export interface RawTreeEntry {
  readonly mode: string;
  readonly name: string | Uint8Array;
  readonly id: GitId;
}

/** A bare repository on disk, changed by the git binary without a working tree. */
export interface TestRepository {
  readonly gitdir: string;
  /** Commits changed files to a branch, which may move anywhere (as a force-push does). Runs no hooks. */
  commit(files: Readonly<Record<string, FileChange>>, options?: CommitOptions): Promise<GitId>;
  /** Points a branch at any commit. */
  setBranch(branch: string, commit: GitId): Promise<void>;
  deleteBranch(branch: string): Promise<void>;
  /** Makes a tag; with a message an annotated one. */
  tag(name: string, commit: GitId, message?: string): Promise<void>;
  /** The id that an expression names: `main`, `main:apps/shop`, `HEAD~1^{tree}`. */
  idOf(expression: string): Promise<GitId>;
  /** Writes a tree that git itself would refuse to make, and returns its id. */
  writeTree(entries: readonly RawTreeEntry[]): Promise<GitId>;
  writeBlob(content: string | Uint8Array): Promise<GitId>;
  /** A commit of a tree, on no branch. */
  commitTree(tree: GitId, parents?: readonly GitId[], message?: string): Promise<GitId>;
  /** Pushes to a URL, hooks included. `+` before the branch forces. */
  push(url: string, refspec?: string): Promise<void>;
  setConfig(key: string, value: string): Promise<void>;
  /** Installs an executable hook, as `post-receive`. */
  installHook(name: string, script: string): Promise<void>;
  git(args: readonly string[], input?: string | Uint8Array): Promise<Buffer>;
}

/** Makes an empty bare repository at `folder` with `HEAD` on `main`. */
export async function createRepository(
  folder: string,
  options: { readonly objectFormat?: 'sha1' | 'sha256' } = {},
): Promise<TestRepository> {
  const format = options.objectFormat ?? 'sha1';
  await mkdir(folder, { recursive: true });
  await runGit(['init', '--quiet', '--bare', '--initial-branch=main', `--object-format=${format}`, folder]);
  return openRepository(folder);
}

/** Copies a repository from a URL, to push from it. */
export async function cloneRepository(url: string, folder: string): Promise<TestRepository> {
  await runGit(['clone', '--quiet', '--bare', url, folder]);
  return openRepository(folder);
}

/** A repository that is there already. */
export function openRepository(gitdir: string): TestRepository {
  const git = (args: readonly string[], input?: string | Uint8Array) =>
    runGit(['-C', gitdir, ...args], input);
  const idFrom = async (args: readonly string[], input?: string | Uint8Array) =>
    gitId((await git(args, input)).toString().trim());
  const update = async (args: readonly string[]) => {
    await git(args);
  };
  return {
    gitdir,
    git,
    async commit(files, options = {}) {
      const branch = options.branch ?? 'main';
      const parent = options.parent === undefined ? await tipOf(git, branch) : options.parent;
      await git(
        ['fast-import', '--quiet', '--force', '--done', '--date-format=now'],
        importStream(files, branch, parent, options),
      );
      return idFrom(['rev-parse', `refs/heads/${branch}`]);
    },
    setBranch: (branch, commit) => update(['update-ref', `refs/heads/${branch}`, commit]),
    deleteBranch: (branch) => update(['update-ref', '-d', `refs/heads/${branch}`]),
    tag: (name, commit, message) =>
      update(message === undefined ? ['tag', name, commit] : ['tag', '-a', '-m', message, name, commit]),
    idOf: (expression) => idFrom(['rev-parse', '--verify', expression]),
    writeTree: (entries) =>
      idFrom(['hash-object', '-w', '-t', 'tree', '--literally', '--stdin'], rawTree(entries)),
    writeBlob: (content) => idFrom(['hash-object', '-w', '--stdin'], content),
    commitTree: (tree, parents = [], message = 'made by hand') =>
      idFrom(['commit-tree', tree, ...parents.flatMap((id) => ['-p', id]), '-m', message]),
    push: (url, refspec = 'main') => update(['push', '--quiet', url, refspec]),
    setConfig: (key, value) => update(['config', key, value]),
    async installHook(name, script) {
      const path = join(gitdir, 'hooks', name);
      await mkdir(join(gitdir, 'hooks'), { recursive: true });
      await writeFile(path, script);
      await chmod(path, 0o755);
    },
  };
}

type Git = (args: readonly string[], input?: string | Uint8Array) => Promise<Buffer>;

async function tipOf(git: Git, branch: string): Promise<GitId | null> {
  const listed = await git(['for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`]);
  const text = listed.toString().trim();
  return text === '' ? null : gitId(text);
}

/** One commit in the language of git-fast-import. */
function importStream(
  files: Readonly<Record<string, FileChange>>,
  branch: string,
  parent: GitId | null,
  options: CommitOptions,
): Buffer {
  const parts: Buffer[] = [];
  const say = (line: string) => parts.push(Buffer.from(`${line}\n`));
  const data = (content: Buffer) => {
    say(`data ${content.length}`);
    parts.push(content, Buffer.from('\n'));
  };
  say(`reset refs/heads/${branch}`);
  say('');
  say(`commit refs/heads/${branch}`);
  say('committer Ada Example <ada@example.org> now');
  data(Buffer.from(options.message ?? 'change'));
  if (parent !== null) say(`from ${parent}`);
  if (options.replaceAll === true) say('deleteall');
  for (const [path, change] of Object.entries(files)) {
    const { line, content } = changeLine(JSON.stringify(path), change);
    say(line);
    if (content !== undefined) data(content);
  }
  say('done');
  return Buffer.concat(parts);
}

function changeLine(path: string, change: FileChange): { line: string; content?: Buffer } {
  if (change === null) return { line: `D ${path}` };
  if (typeof change === 'string' || change instanceof Uint8Array) {
    return { line: `M 100644 inline ${path}`, content: Buffer.from(change) };
  }
  if ('executable' in change) {
    return { line: `M 100755 inline ${path}`, content: Buffer.from(change.executable) };
  }
  if ('symlink' in change) return { line: `M 120000 inline ${path}`, content: Buffer.from(change.symlink) };
  return { line: `M 160000 ${change.submodule} ${path}` };
}

function rawTree(entries: readonly RawTreeEntry[]): Buffer {
  const lines = entries.map(({ mode, name, id }) =>
    Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.of(0), Buffer.from(id, 'hex')]),
  );
  return Buffer.concat(lines);
}

function gitId(text: string): GitId {
  const id = parseGitId(text);
  if (!id.ok) throw new Error(id.error);
  return id.value;
}
