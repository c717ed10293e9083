/**
 * Control repositories on this machine, without a hub. Reading order: local-tree, git-program, git-folder, plain-folder,
 * open-folder, clusters.
 */
export { readClusters } from './clusters.ts';
export type { LocalRepository, LocalTree } from './local-tree.ts';
export { openLocal, readState } from './open-folder.ts';
