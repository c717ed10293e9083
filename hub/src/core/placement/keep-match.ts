import type { ClusterUid } from '@flotilla/shared/base';
import type { Cluster, ClusterSelector } from '@flotilla/shared/model';
import type { CelReader } from './cel-reader.ts';
import { factRulesOf, judgeMatch, matches } from './match.ts';
import type { KeptMatch, PreviousMatch } from './resolved.ts';

/** The clusters that a selector takes, in the order of the candidates. */
export interface SelectedClusters {
  readonly selected: readonly Cluster[];
  /** Of them, those that it would not take now. */
  readonly kept: ReadonlyMap<ClusterUid, KeptMatch>;
  /** Who was matched before; undefined = the selector does not look at facts. */
  readonly previous: PreviousMatch | undefined;
}

/**
 * Selects clusters so that facts alone take a placement from nobody (shared/adr/0025): for the first time a cluster is
 * matched only by fresh facts that say yes. Once matched, it keeps the placement while its facts are not known; when fresh
 * facts say no, one that runs it keeps it until a person agrees, and one that only waits in a plan is left out.
 */
export function selectClusters(
  selector: ClusterSelector,
  candidates: readonly Cluster[],
  by: { readonly reader: CelReader; readonly previousOf: () => PreviousMatch },
): SelectedClusters {
  const { reader } = by;
  if (factRulesOf(selector, reader).length === 0) {
    const selected = candidates.filter((one) => matches(selector, one, reader));
    return { selected, kept: nothing, previous: undefined };
  }
  const previous = by.previousOf();
  const kept = new Map<ClusterUid, KeptMatch>();
  const selected = candidates.filter((cluster) => {
    const { verdict, why } = judgeMatch(selector, cluster, reader);
    if (why === undefined) return verdict === 'yes';
    const isRunning = previous.running.has(cluster.uid);
    const isKept = isRunning || (verdict === 'unknown' && previous.planned.has(cluster.uid));
    if (!isKept) return false;
    const { code, subject, text } = why;
    kept.set(cluster.uid, { why: { code, subject, text }, asks: verdict === 'facts-no' });
    return true;
  });
  return { selected, kept, previous };
}

/** Whether the same clusters have been matched. */
export function isSameMatch(left: PreviousMatch, right: PreviousMatch): boolean {
  return isSameSet(left.running, right.running) && isSameSet(left.planned, right.planned);
}

function isSameSet(left: ReadonlySet<ClusterUid>, right: ReadonlySet<ClusterUid>): boolean {
  return left.size === right.size && [...left].every((one) => right.has(one));
}

const nothing: ReadonlyMap<ClusterUid, KeptMatch> = new Map();
