import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import {
  type ParsedFile,
  parseControlFile,
  type SourceEntry,
  type SourceTree,
  sourceTreeOf,
} from '@flotilla/hub/core';
import { type GitId, sha256Hex } from '@flotilla/shared/base';
import { rootFolder } from '../../tools/index.ts';

/** The repository that demo and end-to-end tests use. */
export const exampleFolder = join(rootFolder, 'deploy/examples/control-repo');

/** A control repository read from a folder, as the hub would see it at a commit. */
export interface ExampleRepository {
  readonly parsed: readonly ParsedFile[];
  readonly tree: SourceTree;
  /** Contents by blob id. */
  readonly texts: ReadonlyMap<GitId, string>;
}

/** Reads every file; ids are made of contents. */
export async function readExample(folder: string): Promise<ExampleRepository> {
  const entries: ({ readonly path: string } & SourceEntry)[] = [];
  const texts = new Map<GitId, string>();
  const parsed: ParsedFile[] = [];
  for (const item of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(item.parentPath, item.name));
    if (!item.isFile()) {
      entries.push({ path, kind: item.isDirectory() ? 'folder' : 'symlink', id: idOf(path) });
      continue;
    }
    const text = await readFile(join(folder, path), 'utf8');
    entries.push({ path, kind: 'file', id: idOf(text) });
    texts.set(idOf(text), text);
    if (/\.ya?ml$/.test(path)) parsed.push(parseControlFile({ path, text }, false));
  }
  return { parsed, texts, tree: sourceTreeOf({ treeId: idOf(''), entries }) };
}

function idOf(text: string): GitId {
  return sha256Hex(text).slice(0, 40) as GitId;
}
