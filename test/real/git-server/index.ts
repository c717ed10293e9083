/**
 * A real Git server for tests and the demo: bare repositories in a folder, stock `git http-backend`, and a way to make it
 * misbehave. As a process of its own: `node test/real/git-server/main.ts --root DIR --port 0`.
 * Reading order: repository (making repositories and commits), git-server, fault; cgi, request-kind, misbehave.
 */
export { type Fault, faults } from './fault.ts';
export { type GitServer, type GitServerOptions, type RepositoryStats, startGitServer } from './git-server.ts';
export { isolatedEnvironment, runGit } from './isolated-git.ts';
export {
  type CommitOptions,
  cloneRepository,
  createRepository,
  type FileChange,
  openRepository,
  type RawTreeEntry,
  type TestRepository,
} from './repository.ts';
