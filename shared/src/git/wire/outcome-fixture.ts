import { isGitError } from '../git-error.ts';
import { type GitWorld, type GitWorldOptions, openGitWorld } from '../git-world-fixture.ts';
import { listRefs } from '../refs/index.ts';
import type { Remote } from './remote.ts';

/** Ends a test that hangs. */
const signal = AbortSignal.timeout(60_000);

/** A world whose repository has one commit on `main`. */
export async function openWorld(options: GitWorldOptions = {}): Promise<GitWorld> {
  const world = await openGitWorld(options);
  await world.repository.commit({ a: '1' });
  return world;
}

/** What comes of asking for `main`: the refs found, or the error as `CODE: message`. */
export async function outcome(remote: Remote): Promise<string> {
  try {
    const { refs } = await listRefs(remote, { prefixes: ['refs/heads/main'] }, signal);
    return refs.map(({ name }) => name).join();
  } catch (caught) {
    if (isGitError(caught)) return `${caught.code}: ${caught.message}`;
    throw caught;
  }
}
