import { type GitId, sha256Hex } from '@flotilla/shared/base';
import { type SourceEntry, type SourceSnapshot, sourceTreeOf } from './snapshot.ts';

/** A source that holds these files; `->` before a text makes a symlink. Tree ids follow from contents, as in Git. */
export function sourceOf(files: { readonly [path: string]: string }, commit = 1): SourceSnapshot {
  const entries: ({ readonly path: string } & SourceEntry)[] = [];
  const folders = new Set<string>();
  for (const [path, text] of Object.entries(files)) {
    entries.push({ path, kind: text.startsWith('->') ? 'symlink' : 'file', id: idOf(text) });
    const parts = path.split('/').slice(0, -1);
    for (let count = 1; count <= parts.length; count += 1) folders.add(parts.slice(0, count).join('/'));
  }
  for (const folder of folders) entries.push({ path: folder, kind: 'folder', id: treeId(files, folder) });
  return {
    repositoryUrl: 'https://git.example.com/fleet.git',
    credential: undefined,
    requiredSigners: [],
    caBundlePem: undefined,
    ref: 'main',
    commit: {
      id: idOf(`commit ${commit}`),
      author: 'ada',
      subject: `change ${commit}`,
      committedAtS: commit,
    },
    tree: sourceTreeOf({ treeId: treeId(files, ''), entries }),
  };
}

/** Contents of all files by blob id. */
export function textsOf(files: { readonly [path: string]: string }): ReadonlyMap<GitId, string> {
  return new Map(Object.values(files).map((text) => [idOf(text), text]));
}

/** Id of a folder of these files. */
export function treeId(files: { readonly [path: string]: string }, folder: string): GitId {
  const inside = Object.entries(files).filter(([path]) => folder === '' || path.startsWith(`${folder}/`));
  return idOf(JSON.stringify(inside.map(([path, text]) => [path.slice(folder.length), text]).sort()));
}

function idOf(text: string): GitId {
  return sha256Hex(text).slice(0, 40) as GitId;
}
