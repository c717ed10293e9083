import type { GitId } from '@flotilla/shared/base';

/** What is asked of a repository at once: the trees of one commit. */
export interface TreeBatch {
  readonly commit: GitId;
  /** Without repetition, at most `batchTreesMax` unless one caller wants more by itself. */
  readonly treeIds: readonly GitId[];
}

/** A server that refuses one of them is asked again for each caller. */
export const batchTreesMax = 256;

/** Brings a batch. `source` is the one of the first caller of the batch that is still there. */
export type BringTrees<Source, Brought> = (
  source: Source,
  batch: TreeBatch,
  signal: AbortSignal,
) => Promise<Brought>;

interface Caller<Source, Brought> {
  readonly source: Source;
  readonly treeIds: readonly GitId[];
  readonly signal: AbortSignal;
  readonly resolve: (brought: Brought) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A hundred assignments of one repository change by one commit: while trees of it are being fetched, those who want others wait, and
 * are then served by one request for all. A request for many that fails is made again for each caller alone, so that
 * everybody gets the answer, and the limits, of what it asked itself.
 */
export class FetchBatches<Source, Brought> {
  readonly #bring: BringTrees<Source, Brought>;
  /** Callers that wait, by repository and commit; an entry for each of which something is under way. */
  readonly #waiting = new Map<object, Map<GitId, Caller<Source, Brought>[]>>();

  constructor(bring: BringTrees<Source, Brought>) {
    this.#bring = bring;
  }

  /** Trees of a commit. `repository` is the same object for callers that may be served together. Rejects as bringing does. */
  async fetch(
    about: { readonly repository: object; readonly source: Source } & TreeBatch,
    signal: AbortSignal,
  ): Promise<Brought> {
    signal.throwIfAborted();
    const { commit, repository, source, treeIds } = about;
    const { promise, reject, resolve } = Promise.withResolvers<Brought>();
    const caller = { source, treeIds, signal, resolve, reject };
    const leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    const commits = this.#waiting.get(repository) ?? new Map<GitId, Caller<Source, Brought>[]>();
    this.#waiting.set(repository, commits);
    const line = commits.get(commit);
    if (line === undefined) {
      commits.set(commit, [caller]);
      void this.#serve({ commits, commit, repository });
    } else line.push(caller);
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** One batch after the other until nobody waits for that commit. Never rejects. */
  async #serve(lane: {
    readonly commits: Map<GitId, Caller<Source, Brought>[]>;
    readonly commit: GitId;
    readonly repository: object;
  }): Promise<void> {
    const { commit, commits, repository } = lane;
    for (let line = commits.get(commit) ?? []; line.length > 0; line = commits.get(commit) ?? []) {
      const batch = takeBatch(line);
      if (batch.length > 0) await this.#serveBatch(commit, batch);
    }
    commits.delete(commit);
    if (commits.size === 0) this.#waiting.delete(repository);
  }

  async #serveBatch(commit: GitId, callers: readonly Caller<Source, Brought>[]): Promise<void> {
    try {
      const brought = await this.#bringFor(commit, callers);
      for (const caller of callers) caller.resolve(brought);
    } catch (error) {
      if (callers.length === 1) for (const caller of callers) caller.reject(error);
      else await Promise.all(callers.map((caller) => this.#serveAlone(commit, caller)));
    }
  }

  async #serveAlone(commit: GitId, caller: Caller<Source, Brought>): Promise<void> {
    if (!caller.signal.aborted) await this.#serveBatch(commit, [caller]);
  }

  /** Ends early when nobody waits for it any more. */
  async #bringFor(commit: GitId, callers: readonly Caller<Source, Brought>[]): Promise<Brought> {
    const nobody = new AbortController();
    const leave = () => {
      if (callers.every((caller) => caller.signal.aborted)) nobody.abort(callers[0]?.signal.reason);
    };
    for (const { signal } of callers) signal.addEventListener('abort', leave, { once: true });
    const treeIds = [...new Set(callers.flatMap((caller) => caller.treeIds))];
    const [first] = callers;
    try {
      // takeBatch gives nobody who is gone, and at least one.
      return await this.#bring(first?.source as Source, { commit, treeIds }, nobody.signal);
    } finally {
      for (const { signal } of callers) signal.removeEventListener('abort', leave);
    }
  }
}

/** Takes from the line those who can be served by one request, at least one; who has gone is served nothing. */
function takeBatch<Source, Brought>(line: Caller<Source, Brought>[]): readonly Caller<Source, Brought>[] {
  const batch: Caller<Source, Brought>[] = [];
  let wants = 0;
  for (let caller = line.shift(); caller !== undefined; caller = line.shift()) {
    if (caller.signal.aborted) continue;
    wants += caller.treeIds.length;
    if (batch.length > 0 && wants > batchTreesMax) {
      line.unshift(caller);
      break;
    }
    batch.push(caller);
  }
  return batch;
}
