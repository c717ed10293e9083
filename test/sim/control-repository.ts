import { ControlFiles } from '@flotilla/hub/loops';
import type { GitPort, GitRemote } from '@flotilla/hub/ports';
import type { GitId } from '@flotilla/shared/base';
import { hashObject } from '@flotilla/shared/git';
import { type MemoryGit, memoryGit, memoryGitPort } from '../fakes/index.ts';
import { filesOf, type Placed, type PlacementWish, placements, placementText, type Wish } from './wish.ts';

/** The control repository of a simulated fleet, and the truth about what stood in it. */
export interface ControlRepository {
  readonly git: MemoryGit;
  /** Commits a wish on top of what is there, or beside it, as a push by force does. */
  push(wish: Wish, how?: { readonly isForced: boolean }): GitId;
  /** The same without a single file but a note. */
  empty(note: string): GitId;
  /** What a commit said; undefined for one that was emptied. */
  wishAt(commit: string): Wish | undefined;
  /** What a file's content says of a placement, be it in force or not. */
  placementIn(blob: string): PlacementWish | undefined;
  /** What a folder with this tree holds. */
  contentOf(treeId: string): string | undefined;
  /** The tree of a placement's folder in a commit; undefined = it has none. */
  treeAt(commit: string, placement: Placed): string | undefined;
  /** Whether one commit follows another; everything follows none. */
  isFastForward(before: string | undefined, after: string): boolean;
  /** Whether a commit was made without a single file of the fleet; no commit at all is none. */
  isEmpty(commit: string | undefined): boolean;
  /** A hub process's eyes. */
  port(): GitPort;
}

/** Where the control repository lies, as hubs name it. */
export const remote: GitRemote = {
  url: 'https://git.example.org/fleet.git',
  credential: undefined,
  caBundlePem: undefined,
};

/** An empty repository. */
export function controlRepository(): ControlRepository {
  const git = memoryGit();
  const wishes = new Map<string, Wish>();
  const byBlob = new Map<string, PlacementWish>();
  const byTree = new Map<string, string>();
  const treesAt = new Map<string, string>();
  const parents = new Map<string, string | undefined>();
  const emptied = new Set<string>();
  let tip: GitId | undefined;
  let root: GitId | undefined;

  function note(wish: Wish, commit: GitId): void {
    wishes.set(commit, wish);
    for (const name of placements) {
      const one = wish.placements[name];
      if (one === undefined) continue;
      byBlob.set(keepText(placementText(name, one)), one);
      const tree = git.treeAt(commit, `apps/${name}`);
      byTree.set(tree, one.content);
      treesAt.set(`${commit} ${name}`, tree);
    }
  }

  return {
    git,
    push(wish, { isForced } = { isForced: false }) {
      const files = filesOf(wish);
      for (const text of Object.values(files)) if (typeof text === 'string') keepText(text);
      const parent = isForced ? root : tip;
      tip = git.commit(files, { parent: parent ?? null });
      parents.set(tip, parent);
      root ??= tip;
      note(wish, tip);
      return tip;
    },
    empty(text) {
      keepText(text);
      const parent = tip;
      tip = git.commit({ 'README.md': text }, { parent: parent ?? null });
      parents.set(tip, parent);
      emptied.add(tip);
      return tip;
    },
    wishAt: (commit) => wishes.get(commit),
    placementIn: (blob) => byBlob.get(blob),
    contentOf: (treeId) => byTree.get(treeId),
    treeAt: (commit, placement) => treesAt.get(`${commit} ${placement}`),
    isFastForward(before, after) {
      for (let at: string | undefined = after; at !== undefined; at = parents.get(at))
        if (at === before) return true;
      return before === undefined;
    },
    isEmpty: (commit) => commit !== undefined && emptied.has(commit),
    port() {
      const port = memoryGitPort(git);
      return { ...port, readBlobs: readKeptBlobs };
    },
  };
}

/** The name of a placement's file. */
export function fileOf(name: Placed): string {
  return `fleet/${name}.yaml`;
}

/** Contents of all files that any world of this thread ever had: reading one never fails and costs one turn. */
const kept = new Map<GitId, Uint8Array>();

function keepText(text: string): GitId {
  const data = Buffer.from(text);
  const id = hashObject('blob', data, 'sha1');
  kept.set(id, Uint8Array.from(data));
  return id;
}

const readKeptBlobs: GitPort['readBlobs'] = async (_remote, _commit, blobs) =>
  new Map(
    blobs.flatMap((id) => [...(kept.has(id) ? [[id, kept.get(id) ?? new Uint8Array()] as const] : [])]),
  );

let current: GitPort | undefined;

function now(): GitPort {
  if (current === undefined) throw new Error('no world is there');
  return current;
}

/**
 * Parsed files, kept over all worlds of this thread: parsing is most of what a hub's look at Git costs. What is kept is
 * found by the content's id, so it makes no difference to what a hub sees.
 */
export const parsedFiles = new ControlFiles(
  {
    resolveRef: (...args) => now().resolveRef(...args),
    readCommit: (...args) => now().readCommit(...args),
    verifyCommit: (...args) => now().verifyCommit(...args),
    listTree: (...args) => now().listTree(...args),
    isAncestor: (...args) => now().isAncestor(...args),
    readBlobs: readKeptBlobs,
  },
  remote,
);

/** From now on `parsedFiles` looks at this world. */
export function lookAt(repository: ControlRepository): void {
  current = repository.port();
}
