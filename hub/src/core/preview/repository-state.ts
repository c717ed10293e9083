import type { GitId } from '@flotilla/shared/base';
import {
  controlPaths,
  linkedFiles,
  type ParsedFile,
  parseControlBytes,
  type SeenFile,
} from '../fleet-spec/index.ts';
import { kustomizationNames, type SourceTree } from '../release/index.ts';

/** A control repository at a commit, or as it lies in a working tree. */
export interface RepositoryState {
  readonly tree: SourceTree;
  /** Contents by blob id: at least those of `blobsToRead`. */
  readonly contents: ReadonlyMap<GitId, Uint8Array>;
}

/** Where Git repositories name files that hold no rules. */
const ignoreFile = '.flotillaignore';

/** The blob of `.flotillaignore`; undefined = there is none. It is read before `blobsToRead`. */
export function ignoreBlobOf({ entries }: SourceTree): GitId | undefined {
  const entry = entries.get(ignoreFile);
  return entry?.kind === 'file' ? entry.id : undefined;
}

/** Blobs that rules and releases may be made from: candidates for documents, and kustomization files. Sorted. */
export function blobsToRead(tree: SourceTree, flotillaIgnore: string | undefined): readonly GitId[] {
  const names = new Set(kustomizationNames);
  const files = tree.paths.filter((path) => tree.entries.get(path)?.kind === 'file');
  const kustomizations = files.filter((path) => names.has(path.slice(path.lastIndexOf('/') + 1)));
  const paths = [...controlPaths(files, flotillaIgnore), ...kustomizations];
  return [...new Set(paths.flatMap((path) => tree.entries.get(path)?.id ?? []))].sort();
}

/**
 * Every file that may hold rules, parsed as the hub parses it. `ours` = paths that are in force: what does not parse there is a
 * mistake, and what became a link too. A file whose contents are not known is left out.
 */
export function seenFilesOf(
  { contents, tree }: RepositoryState,
  ours: ReadonlySet<string>,
): ReadonlyMap<string, SeenFile> {
  const files = tree.paths.filter((path) => tree.entries.get(path)?.kind === 'file');
  const seen = new Map<string, SeenFile>();
  for (const path of controlPaths(files, ignoreTextOf({ contents, tree }))) {
    const blob = tree.entries.get(path)?.id;
    const bytes = blob && contents.get(blob);
    if (blob === undefined || bytes === undefined) continue;
    const parsed: ParsedFile = parseControlBytes(path, bytes, ours.has(path));
    seen.set(path, { blob, parsed });
  }
  return new Map([...seen, ...linkedFiles(tree.entries, ours)]);
}

/** Texts of what has been read, for `releaseOf`; what is no UTF-8 is read as far as it goes. */
export function textsOf({ contents }: RepositoryState): ReadonlyMap<GitId, string> {
  return new Map([...contents].map(([blob, bytes]) => [blob, new TextDecoder().decode(bytes)]));
}

function ignoreTextOf({ contents, tree }: RepositoryState): string | undefined {
  const blob = ignoreBlobOf(tree);
  const bytes = blob && contents.get(blob);
  return bytes && new TextDecoder().decode(bytes);
}
