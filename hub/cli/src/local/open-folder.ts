import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { blobsToRead, ignoreBlobOf, type RepositoryState, sourceTreeOf } from '@flotilla/hub/core';
import { openGitFolder } from './git-folder.ts';
import type { LocalRepository, LocalTree } from './local-tree.ts';
import { openPlainFolder } from './plain-folder.ts';
import { unreadable } from './unreadable.ts';

/** Opens a folder as the root of a control repository; in a Git repository it may be any folder of it. */
export async function openLocal(folder: string, signal: AbortSignal): Promise<LocalRepository> {
  const path = resolve(folder);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) throw unreadable(`there is no folder ${path}`);
  return (await openGitFolder(path, signal)) ?? openPlainFolder(path);
}

/** What of a tree the rules and releases are made from. */
export async function readState(
  repository: LocalRepository,
  local: LocalTree,
  signal: AbortSignal,
): Promise<RepositoryState> {
  const tree = sourceTreeOf(local);
  const ignoreBlob = ignoreBlobOf(tree);
  const ignored = await repository.contents(ignoreBlob === undefined ? [] : [ignoreBlob], signal);
  const ignoreText = ignoreBlob && ignored.get(ignoreBlob);
  const blobs = blobsToRead(tree, ignoreText && new TextDecoder().decode(ignoreText));
  const contents = await repository.contents(blobs, signal);
  return { tree, contents: new Map([...ignored, ...contents]) };
}
