import { type GitId, limits } from '../../base/index.ts';
import { isGitError } from '../git-error.ts';
import { memoryStore } from '../store/memory-store.ts';
import { readCommit } from '../tree/read-object.ts';
import { offersFilter } from '../wire/advertisement.ts';
import type { Remote } from '../wire/remote.ts';
import { withDepthOne } from './depth-one.ts';
import { fetchObjects, type V2Server, v2Server } from './fetch-objects.ts';

/** `unknown`: the server could not be made to tell within bounds; treated as "no" by whoever guards against force-pushes. */
export type Ancestry = 'yes' | 'no' | 'unknown';

/** The question: can `ancestor` be reached from `descendant`? */
export interface AncestryRequest {
  readonly ancestor: GitId;
  readonly descendant: GitId;
}

/** Commits looked back on a server without protocol v2, which sends their files along. */
const v0Depth = 50;

/**
 * Asks by a commits-only fetch (`filter=tree:0`) of what the descendant has beyond the ancestor, bounded in commits and
 * bytes; where filters are refused, with the files that changed. Failures of network and server throw, as everywhere.
 */
export async function isAncestor(
  remote: Remote,
  request: AncestryRequest,
  signal: AbortSignal,
): Promise<Ancestry> {
  if (request.ancestor === request.descendant) return 'yes';
  try {
    const server = await v2Server(remote, signal);
    const history =
      server === undefined
        ? await historyByDepth(remote, request, signal)
        : await historyByV2(remote, server, request, signal);
    return judgeHistory(request, history);
  } catch (caught) {
    // Too much to look through, or a commit that the server no longer gives: neither yes nor no is known.
    if (isGitError(caught, 'GIT_TOO_LARGE') || isGitError(caught, 'GIT_REFUSED')) return 'unknown';
    throw caught;
  }
}

/** Commits seen, from the descendant on. */
interface History {
  readonly parents: ReadonlyMap<GitId, readonly GitId[]>;
  /** Commits whose parents were not sent. */
  readonly cut: ReadonlySet<GitId>;
}

/**
 * The server sends what the descendant reaches and the ancestor does not. If the ancestor is one, the last commit before
 * it on any path is among them, and names it as its parent; if no path reaches it, no commit does. A descendant that is
 * not even sent itself lies behind the ancestor.
 */
function judgeHistory(request: AncestryRequest, history: History): Ancestry {
  let isCut = false;
  for (const [id, parents] of history.parents) {
    if (parents.includes(request.ancestor)) return 'yes';
    if (history.cut.has(id) && parents.length > 0) isCut = true;
  }
  return isCut ? 'unknown' : 'no';
}

async function historyByV2(
  remote: Remote,
  server: V2Server,
  request: AncestryRequest,
  signal: AbortSignal,
): Promise<History> {
  // Nothing may be forgotten on the way, or a chain of parents would seem to end: what inflates to more is an error.
  const inflatedBytesMax = limits.gitMemoryStoreBytesMax;
  await using store = memoryStore({ bytesMax: inflatedBytesMax });
  const filter = offersFilter(server) ? ({ filter: 'tree:0' } as const) : {};
  const question = {
    server,
    store,
    wants: [request.descendant],
    haves: [request.ancestor],
    depth: limits.gitAncestryCommitsMax,
    tighter: { packBytesMax: limits.gitAncestryBytesMax, inflatedBytesMax },
    ...filter,
  };
  const { shallows } = await fetchObjects(remote, question, signal);
  const parents = new Map<GitId, readonly GitId[]>();
  const queue: GitId[] = [request.descendant];
  for (const id of queue) {
    if (parents.has(id) || !(await store.has(id))) continue;
    const commit = await readCommit(store, id);
    parents.set(id, commit.parents);
    queue.push(...commit.parents);
  }
  return { parents, cut: new Set(shallows) };
}

async function historyByDepth(
  remote: Remote,
  request: AncestryRequest,
  signal: AbortSignal,
): Promise<History> {
  const { gitAncestryBytesMax: packBytesMax } = limits;
  const question = { commit: request.descendant, depth: v0Depth, packBytesMax };
  return withDepthOne(remote, question, signal, async (fetched) => {
    const commits = await fetched.log();
    const parents = new Map(commits.map((commit) => [commit.id, commit.parents]));
    const isCut = (commit: (typeof commits)[number]) => commit.parents.some((id) => !parents.has(id));
    return { parents, cut: new Set(commits.filter(isCut).map(({ id }) => id)) };
  });
}
