import type { GitId } from '../base/index.ts';
import type { Remote } from './remote.ts';

/** `unknown`: the server could not be made to tell within bounds; treated as "no" by whoever guards against force-pushes. */
export type Ancestry = 'yes' | 'no' | 'unknown';

/** The question: can `ancestor` be reached from `descendant`? */
export interface AncestryRequest {
  readonly ancestor: GitId;
  readonly descendant: GitId;
}

/** Asks by a commits-only fetch (`filter=tree:0`), bounded. Failures of network and server throw, as everywhere. */
export async function isAncestor(
  _remote: Remote,
  _request: AncestryRequest,
  _signal: AbortSignal,
): Promise<Ancestry> {
  throw new Error('being built');
}
