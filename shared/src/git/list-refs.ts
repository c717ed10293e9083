import type { RefList } from './ref.ts';
import type { Remote } from './remote.ts';

/** Which refs are asked for. */
export interface ListRefsRequest {
  /** Full names or their beginnings, as `refs/heads/main` or `refs/tags/`; absent: everything. */
  readonly prefixes?: readonly string[];
}

/**
 * Asks the server for its refs. Tags come with what they point to, HEAD with its target.
 * An empty list means that the repository has refs, but none that match: a repository without any ref is
 * GIT_EMPTY_REPOSITORY, and an empty answer GIT_EMPTY_ADVERTISEMENT.
 */
export async function listRefs(
  _remote: Remote,
  _request: ListRefsRequest,
  _signal: AbortSignal,
): Promise<RefList> {
  throw new Error('being built');
}
