import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FlotillaError, type GitId, limits } from '@flotilla/shared/base';
import type { ContentFile, FetchedContent } from '../ports.ts';

/** What a folder holds now. */
export interface FolderReading {
  readonly files: readonly ContentFile[];
  /** Links and the like, which are refused by name where they could hold manifests. */
  readonly problems: FetchedContent['problems'];
  /** Stands for the id of a tree: another content has another. */
  readonly id: GitId;
}

/** Reads a folder as a repository would be: everything below it but `.git`, within the bounds of a fetch. */
export async function readFolder(folder: string, signal: AbortSignal): Promise<FolderReading> {
  const files: ContentFile[] = [];
  const problems: FetchedContent['problems'][number][] = [];
  let bytes = 0;

  async function readBelow(path: string): Promise<void> {
    const entries = await readdir(join(folder, path), { withFileTypes: true });
    for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      signal.throwIfAborted();
      await readEntry(entry, path === '' ? entry.name : `${path}/${entry.name}`);
    }
  }

  async function readEntry(entry: Dirent, path: string): Promise<void> {
    if (entry.name === '.git') return;
    if (entry.isDirectory()) return await readBelow(path);
    if (!entry.isFile()) {
      problems.push({ path, code: 'NO_FILE', text: 'is a link or a device, which is refused' });
      return;
    }
    bytes += (await stat(join(folder, path))).size;
    if (bytes > limits.inflatedBytesMax || files.length >= limits.treeFilesMax)
      throw new FlotillaError(
        `${folder} holds more than a fetch may: name a folder with less beside the manifests`,
        {
          code: 'FOLDER_TOO_LARGE',
          retry: 'never',
        },
      );
    files.push({ path, bytes: await readFile(join(folder, path)) });
  }

  await readBelow('');
  return { files, problems, id: idOf(files) };
}

function idOf(files: readonly ContentFile[]): GitId {
  const hash = createHash('sha256');
  for (const { path, bytes } of files) hash.update(JSON.stringify([path, bytes.length])).update(bytes);
  // SHA-256 in hex is the form of an id in repositories of that format.
  return hash.digest('hex') as GitId;
}
