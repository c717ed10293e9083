import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { errorCode } from '@flotilla/shared/base';
import type { RepositoryFiles } from '../real/agent-engine/index.ts';

/** What turns the files into objects. */
export type SetKind = 'raw' | 'kustomize' | 'helm';

/** A set of manifests as people keep it in a repository. */
export interface ManifestSet {
  readonly name: string;
  /** The folder of its files; bases outside of `path` are below it, too. */
  readonly root: string;
  /** What is applied, relative to the root; '' = all of it. */
  readonly path: string;
  readonly kind: SetKind;
  /** Namespace of objects that name none. Default `default`. */
  readonly namespace: string;
  /** Folders below `path` are read, too. Raw sets only. */
  readonly isRecursive: boolean;
  /** What is applied before, in the same place of the root; an upgrade, or a set that others build on. */
  readonly before: string | undefined;
  /** Needs controllers: what they write into the set's objects has to stay. Default: an API server alone. */
  readonly hasControllers: boolean;
}

interface SetEntry {
  readonly name: string;
  readonly path?: string;
  readonly kind?: SetKind;
  readonly namespace?: string;
  readonly recursive?: boolean;
  readonly before?: string;
  readonly controllers?: boolean;
}

const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/**
 * The sets of a folder: each subfolder is one. A `sets.json` in the folder or beside it says more (name, path, kind,
 * namespace, recursive; further fields are for people); what it does not name is told from the files. Throws, naming the
 * file, when it cannot be read.
 */
export async function findSets(folder: string): Promise<readonly ManifestSet[]> {
  const root = resolve(folder);
  const described = await describedSets([join(root, 'sets.json'), join(dirname(root), 'sets.json')]);
  const entries = await readdir(root, { withFileTypes: true });
  const names = entries.filter((one) => one.isDirectory()).map((one) => one.name);
  return await Promise.all(
    names.sort().map((name) => manifestSet(join(root, name), described.get(name) ?? { name })),
  );
}

async function describedSets(paths: readonly string[]): Promise<ReadonlyMap<string, SetEntry>> {
  for (const path of paths) {
    try {
      // Written by people beside the sets: fields are looked at one by one, below.
      const { sets } = JSON.parse(await readFile(path, 'utf8')) as { readonly sets: readonly SetEntry[] };
      return new Map(sets.map((one) => [one.name, one]));
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw new Error(`${path} cannot be read`, { cause: error });
    }
  }
  return new Map();
}

async function manifestSet(root: string, entry: SetEntry): Promise<ManifestSet> {
  const path = entry.path ?? '';
  return {
    name: basename(root),
    root,
    path,
    kind: entry.kind ?? (await kindOf(join(root, path))),
    namespace: entry.namespace ?? 'default',
    isRecursive: entry.recursive ?? true,
    before: entry.before,
    hasControllers: entry.controllers ?? false,
  };
}

async function kindOf(folder: string): Promise<SetKind> {
  if (await isFile(join(folder, 'Chart.yaml'))) return 'helm';
  const found = await Promise.all(kustomizationNames.map((name) => isFile(join(folder, name))));
  return found.includes(true) ? 'kustomize' : 'raw';
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** The text of the files below a folder, by path. */
export async function readFiles(root: string): Promise<RepositoryFiles> {
  const entries = await readdir(root, { withFileTypes: true, recursive: true });
  const paths = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  const files = await Promise.all(
    paths.map(async (path) => [relative(root, path), await readFile(path, 'utf8')] as const),
  );
  return Object.fromEntries(files);
}
