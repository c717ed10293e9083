import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { GitId } from '@flotilla/shared/base';
import type { CommitInfo } from '@flotilla/shared/model';
import { runGit } from './git-program.ts';
import type { LocalEntry, LocalRepository, LocalTree } from './local-tree.ts';
import { unreadable } from './unreadable.ts';

/** Where a folder lies in its Git repository. */
interface Place {
  readonly folder: string;
  /** Path from the repository's root, with a slash at the end; '' = the root. */
  readonly prefix: string;
  readonly gitFolder: string;
  readonly objects: string;
}

/**
 * Opens a folder of a Git repository; undefined when it is in none, or no git is there. The user's repository is only read: what
 * is not committed is stored in an index and an object folder of our own.
 */
export async function openGitFolder(
  folder: string,
  signal: AbortSignal,
): Promise<LocalRepository | undefined> {
  const asked = ['rev-parse', '--show-prefix', '--absolute-git-dir', '--git-path', 'objects'];
  const outcome = await runGit({ cwd: folder, args: asked }, signal);
  if (outcome === undefined || outcome.code !== 0) {
    if (outcome !== undefined && !/not a git repository/i.test(outcome.stderr))
      throw unreadable(`git cannot read ${folder}`, { cause: firstLine(outcome.stderr) });
    return undefined;
  }
  const [prefix = '', gitFolder = '', objects = ''] = outcome.stdout.toString('utf8').split('\n');
  return new GitFolder(
    { folder, prefix, gitFolder, objects: resolve(folder, objects) },
    await mkdtemp(join(tmpdir(), 'flotilla-tree-')),
  );
}

class GitFolder implements LocalRepository {
  readonly #place: Place;
  /** Our own folder. */
  readonly #scratch: string;

  constructor(place: Place, scratch: string) {
    this.#place = place;
    this.#scratch = scratch;
  }

  async workingTree(signal: AbortSignal): Promise<LocalTree> {
    const { gitFolder, prefix } = this.#place;
    await mkdir(join(this.#scratch, 'objects'), { recursive: true });
    // The user's index knows which files have not changed: they need not be read again.
    await copyFile(join(gitFolder, 'index'), join(this.#scratch, 'index')).catch(() => undefined);
    await this.#git(['add', '--all', '--', '.'], signal);
    const written = await this.#git(['write-tree', ...(prefix === '' ? [] : [`--prefix=${prefix}`])], signal);
    return { ...(await this.#list(written.toString('utf8').trim(), signal)), commit: undefined };
  }

  async revision(ref: string, signal: AbortSignal): Promise<LocalTree> {
    const { folder, prefix } = this.#place;
    const format = '%H%x00%an%x00%s%x00%ct';
    const args = [
      'log',
      '-1',
      '--no-show-signature',
      `--format=${format}`,
      '--end-of-options',
      `${ref}^{commit}`,
      '--',
    ];
    const outcome = await runGit({ cwd: folder, args }, signal);
    if (outcome === undefined || outcome.code !== 0) {
      throw unreadable(`there is no revision ${JSON.stringify(ref)} in ${folder}`, {
        cause: firstLine(outcome?.stderr ?? ''),
        next: 'git branch --all',
      });
    }
    const commit = commitOf(outcome.stdout.toString('utf8').trimEnd());
    const tree = await this.#git(
      ['rev-parse', '--verify', '--end-of-options', `${commit.id}:${prefix}`],
      signal,
    );
    return { ...(await this.#list(tree.toString('utf8').trim(), signal)), commit };
  }

  async diff(
    [before, after]: readonly [GitId, GitId],
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<string> {
    const how = ['--no-color', '--no-ext-diff', '--no-textconv', '--no-renames', '--no-relative'];
    const files = paths.map((path) => `:(top,literal)${path}`);
    const found = await this.#git(['diff', ...how, before, after, '--', ...files], signal);
    return found.toString('utf8').trimEnd();
  }

  async contents(ids: readonly GitId[], signal: AbortSignal): Promise<ReadonlyMap<GitId, Uint8Array>> {
    const unique = [...new Set(ids)];
    if (unique.length === 0) return new Map();
    const input = unique.map((id) => `${id}\n`).join('');
    return readBatch(await this.#git(['cat-file', '--batch'], signal, input));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#scratch, { recursive: true, force: true });
  }

  async #list(treeId: string, signal: AbortSignal): Promise<Pick<LocalTree, 'entries' | 'treeId'>> {
    const listed = await this.#git(['ls-tree', '-r', '-t', '-z', '--full-tree', treeId], signal);
    const entries = listed.toString('utf8').split('\0').flatMap(readEntry);
    return { treeId: idOf(treeId), entries };
  }

  async #git(args: readonly string[], signal: AbortSignal, input = ''): Promise<Buffer> {
    const env = {
      GIT_INDEX_FILE: join(this.#scratch, 'index'),
      GIT_OBJECT_DIRECTORY: join(this.#scratch, 'objects'),
      GIT_ALTERNATE_OBJECT_DIRECTORIES: this.#place.objects,
    };
    await mkdir(env.GIT_OBJECT_DIRECTORY, { recursive: true });
    const outcome = await runGit({ cwd: this.#place.folder, args, env, input }, signal);
    if (outcome?.code === 0) return outcome.stdout;
    throw unreadable(`git cannot read ${this.#place.folder}`, {
      cause: `git ${args[0] ?? ''}: ${firstLine(outcome?.stderr ?? 'it is gone')}`,
    });
  }
}

const kinds: { readonly [mode: string]: LocalEntry['kind'] } = {
  '040000': 'folder',
  '120000': 'symlink',
  '160000': 'submodule',
};

/** `MODE TYPE ID<tab>PATH`. */
function readEntry(line: string): readonly LocalEntry[] {
  const tab = line.indexOf('\t');
  if (tab < 0) return [];
  const [mode = '', , id = ''] = line.slice(0, tab).split(' ');
  return [{ path: line.slice(tab + 1), kind: kinds[mode] ?? 'file', id: idOf(id) }];
}

/** `ID TYPE SIZE<newline>CONTENT<newline>`, or `ID missing`. */
function readBatch(output: Buffer): ReadonlyMap<GitId, Uint8Array> {
  const found = new Map<GitId, Uint8Array>();
  let at = 0;
  while (at < output.length) {
    const end = output.indexOf(10, at);
    if (end < 0) break;
    const [id = '', , size] = output.toString('utf8', at, end).split(' ');
    at = end + 1;
    if (size === undefined) continue;
    found.set(idOf(id), output.subarray(at, at + Number(size)));
    at += Number(size) + 1;
  }
  return found;
}

function commitOf(text: string): CommitInfo {
  const [id = '', author = '', subject = '', seconds = '0'] = text.split('\0');
  return { id: idOf(id), author, subject: subject.slice(0, 256), committedAtS: Number(seconds) };
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}

function idOf(text: string): GitId {
  // Git gives nothing but ids here.
  return text as GitId;
}
