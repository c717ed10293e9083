import type { GitId } from '@flotilla/shared/base';

const repositoriesMax = 64;
const treesMax = 64;

/** Remembers the trees, or the commits, last fetched from each repository, so that a fetch can say what it holds. Bounded. */
export interface RecentTrees {
  /** Newest last; empty when nothing is known. */
  of(repositoryUrl: string): readonly GitId[];
  add(repositoryUrl: string, treeIds: readonly GitId[]): void;
}

/** Starts with nothing remembered. */
export function recentTrees(): RecentTrees {
  const byRepository = new Map<string, readonly GitId[]>();
  return {
    of: (repositoryUrl) => byRepository.get(repositoryUrl) ?? [],
    add(repositoryUrl, treeIds) {
      const before = (byRepository.get(repositoryUrl) ?? []).filter((id) => !treeIds.includes(id));
      byRepository.delete(repositoryUrl);
      byRepository.set(repositoryUrl, [...before, ...treeIds].slice(-treesMax));
      const oldest = byRepository.keys().next();
      if (byRepository.size > repositoriesMax && !oldest.done) byRepository.delete(oldest.value);
    },
  };
}
