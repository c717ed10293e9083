import { readFile } from 'node:fs/promises';
import { parseClustersFile } from '@flotilla/hub/core';
import type { Cluster } from '@flotilla/shared/model';
import { unreadable } from './unreadable.ts';

/** The clusters of a file that `flotilla get clusters -o json` printed. Rejects with CliError that says what is wrong with it. */
export async function readClusters(path: string): Promise<readonly Cluster[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unreadable(`the file of clusters cannot be read: ${path}`, {
      cause: error instanceof Error ? error.message : String(error),
      next: `flotilla get clusters -o json > ${path}`,
    });
  });
  const read = parseClustersFile(text);
  if (read.ok) return read.value;
  throw unreadable(`${path} is no file of clusters`, {
    cause: read.error,
    next: `flotilla get clusters -o json > ${path}`,
  });
}
