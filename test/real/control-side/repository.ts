import { randomBytes } from 'node:crypto';
import { access, mkdir, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { GitId } from '@flotilla/shared/base';
import {
  cloneRepository,
  createRepository,
  type FileChange,
  type TestRepository,
} from '../git-server/index.ts';

/** Name of the control repository on its Git server. */
export const controlRepositoryName = 'control';

/** The application that the acts change, and its file. */
const checkoutFile = 'apps/checkout/checkout.yaml';

/**
 * Makes the bare repository that the Git server serves, with a folder's files as its first commit; one that is there
 * already stays as it is.
 */
export async function seedRepository(gitRoot: string, folder: string): Promise<void> {
  const path = join(gitRoot, `${controlRepositoryName}.git`);
  try {
    await access(path);
  } catch {
    await mkdir(gitRoot, { recursive: true });
    const repository = await createRepository(path);
    await repository.commit(await filesOf(folder), { message: 'The example fleet' });
  }
}

/** A person's clone, from which the acts push. */
export class Workshop {
  /** The bare clone that `push` pushes from. */
  readonly clone: TestRepository;
  readonly #url: string;
  #count = 0;

  private constructor(clone: TestRepository, url: string) {
    this.clone = clone;
    this.#url = url;
  }

  /** Clones into a new folder below the given one. */
  static async open(url: string, folder: string): Promise<Workshop> {
    const path = join(folder, `workshop-${randomBytes(4).toString('hex')}.git`);
    return new Workshop(await cloneRepository(url, path), url);
  }

  /** A file as main of this clone has it. */
  async read(path: string): Promise<string> {
    return (await this.clone.git(['show', `main:${path}`])).toString();
  }

  /**
   * Pushes the checkout with another image tag, and other changes in the same commit; `broken` is a tag that no registry has.
   * Returns the commit.
   */
  async pushCheckout(
    tag: string,
    message: string,
    others: Readonly<Record<string, FileChange>> = {},
  ): Promise<GitId> {
    const before = await this.read(checkoutFile);
    const after = before.replace(/(image: registry\.example\.org\/shop\/checkout:)\S+/, `$1${tag}`);
    return await this.push({ ...others, [checkoutFile]: after }, message);
  }

  /** Commits changed files on main and pushes them as a person would, hooks included. */
  async push(files: Readonly<Record<string, FileChange>>, message: string): Promise<GitId> {
    const commit = await this.clone.commit(files, { message });
    await this.clone.push(this.#url, 'main');
    return commit;
  }

  /** A tag that was not used before, in an earlier run on the same repository either. */
  freshTag(): string {
    this.#count += 1;
    return `2.5.${Math.floor(Date.now() / 1_000)}-${this.#count}`;
  }
}

async function filesOf(folder: string): Promise<Record<string, Uint8Array>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: Record<string, Uint8Array> = {};
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[relative(folder, path)] = await readFile(path);
  }
  return files;
}
