import type { GitId } from '@flotilla/shared/base';
import { describeWithAdvice } from '@flotilla/shared/base';
import type { ControlAdopted } from '@flotilla/shared/model';
import { type FleetSpec, type FollowedRef, followedRefs, type SeenRef } from '../core/index.ts';
import type { GitPort, GitRemote } from '../ports.ts';
import { remoteOf } from './remotes.ts';

/** Git, and the control repository in it. */
interface ControlGit {
  readonly git: GitPort;
  readonly remote: GitRemote;
}

/** Each followed ref of every source: its commit, or why there is none. */
export async function seenRefs(
  deps: ControlGit,
  spec: FleetSpec,
  context: { readonly before: ControlAdopted | undefined; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, SeenRef>> {
  const seen = new Map<string, SeenRef>();
  for (const followed of followedRefs(spec)) {
    const remote = remoteOf(spec, followed.source, deps.remote);
    if (remote) seen.set(followed.key, await seenRef(deps, { followed, remote }, context));
  }
  return seen;
}

async function seenRef(
  deps: ControlGit,
  { followed, remote }: { readonly followed: FollowedRef; readonly remote: GitRemote },
  context: { readonly before: ControlAdopted | undefined; readonly signal: AbortSignal },
): Promise<SeenRef> {
  const { signal } = context;
  try {
    const head = await deps.git.resolveRef(remote, followed.ref, signal);
    const { tree: _tree, parents: _parents, ...commit } = await deps.git.readCommit(remote, head, signal);
    await deps.git.verifyCommit(remote, head, signal);
    const before = context.before?.sources[followed.key]?.id;
    return {
      commit,
      problem: '',
      isFastForward: await isFastForward(deps.git, remote, { before, head, signal }),
    };
  } catch (error) {
    signal.throwIfAborted();
    return { commit: undefined, problem: describeWithAdvice(error), isFastForward: 'unknown' };
  }
}

/** Whether a commit follows the one before; everything follows none. */
export async function isFastForward(
  git: GitPort,
  remote: GitRemote,
  move: { readonly before: GitId | undefined; readonly head: GitId; readonly signal: AbortSignal },
): Promise<'yes' | 'no' | 'unknown'> {
  if (move.before === undefined || move.before === move.head) return 'yes';
  return await git.isAncestor(remote, move.before, move.head, move.signal);
}
