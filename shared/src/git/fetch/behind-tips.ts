import type { GitId } from '../../base/index.ts';
import type { Ref } from '../refs/ref.ts';
import type { DepthOneFetch, DepthOneRequest } from './depth-one.ts';

/** A commit, and the advertised one that is asked for in its place when the server gives no other. */
export interface TipRequest extends DepthOneRequest {
  readonly tip?: GitId;
}

/** Tips looked behind for a commit that is one no more: the branches of most repositories that deploy. */
const tipsMax = 8;
/** Commits looked back from each: weeks of a busy branch. */
const tipDepth = 100;

/**
 * In v0 a server may give only what it advertises (uploadpack.allowReachableSHA1InWant); over SSH, stock git does. A commit that
 * a branch has moved on from is then looked for behind the tips; undefined when it is not there.
 */
export async function behindTips(
  refs: readonly Ref[],
  request: DepthOneRequest,
  fetch: (request: TipRequest) => Promise<DepthOneFetch>,
): Promise<DepthOneFetch | undefined> {
  const tips = new Set(refs.map(({ id, peeled }) => peeled ?? id));
  tips.delete(request.commit);
  for (const tip of [...tips].slice(0, tipsMax)) {
    const fetched = await fetch({ ...request, tip, depth: Math.max(tipDepth, request.depth ?? 1) });
    if ((await fetched.read(request.commit)) !== undefined) return fetched;
  }
  return undefined;
}
