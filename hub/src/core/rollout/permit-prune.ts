import { type ClusterUid, err, ok, type Result, type RolloutId, shortId } from '@flotilla/shared/base';
import { compareVersions, type HeldPrune, type Reasoned } from '@flotilla/shared/model';
import type { RolloutEvidence } from './evidence.ts';
import type { Operated } from './operate.ts';
import type { PlacementRow, RolloutState } from './state.ts';

/** Which list of deletes a person allows, and where. */
export interface PruneAsked {
  readonly cluster: ClusterUid;
  /** The list's hash, or at least its first 12 digits. */
  readonly hash: string;
  /** The rollout that made the row; undefined = whichever did. */
  readonly rollout: RolloutId | undefined;
}

/**
 * Allows exactly the list that the agent holds back at the row that stands. Another list than the one that was looked at is
 * refused with what the list is now; one that is not known to be held now is refused, too: nobody allows what nobody saw.
 */
export function permitPrune(
  state: RolloutState,
  evidence: RolloutEvidence,
  asked: PruneAsked,
): Result<Operated, Reasoned> {
  const { cluster, hash } = asked;
  const one = evidence.clusterOf(cluster);
  const row = state.rows.get(cluster);
  const subject = one?.cluster.name ?? state.placement;
  if (one === undefined || row === undefined)
    return refuse('NotTarget', subject, `nothing of ${state.placement} was ever given to the cluster`);
  if (asked.rollout !== undefined && asked.rollout !== row.rollout)
    return refuse(
      'PruneChanged',
      subject,
      `what the cluster has came with ${row.rollout}, not ${asked.rollout}`,
    );
  if (row.permittedPrune?.startsWith(hash) === true)
    return ok(permitted(row, `may delete exactly the list ${shortId(row.permittedPrune)} on ${subject}`, []));
  const { isFresh, report } = one;
  if (!isFresh || report === undefined || compareVersions(report.version, row.version) !== 0) {
    const text = 'its agent has not said freshly what it would delete for exactly what it is told now';
    return refuse('PruneUnknown', subject, text);
  }
  const held = report.heldPrune;
  if (held === undefined) return refuse('NothingHeld', subject, 'its agent holds no deletes back now');
  if (!held.listHash.startsWith(hash))
    return refuse('PruneChanged', subject, `the list is another one by now: ${heldText(held)}`);
  const { listHash } = held;
  const text = `may delete exactly ${held.total === 1 ? 'the object' : `the ${held.total} objects`} of list ${shortId(listHash)} on ${subject}`;
  const { version } = row;
  return ok(permitted(row, text, [{ kind: 'prune-permitted', cluster, version, listHash }]));
}

/** What is held back, on one line: its hash, how many, and the first of them. */
export function heldText({ listHash, objects, total }: HeldPrune): string {
  const shown = objects.slice(0, shownMax).join(', ');
  const more = total > shownMax && shown !== '' ? ` and ${total - shownMax} more` : '';
  return `${shortId(listHash)}, ${total === 1 ? '1 object' : `${total} objects`}${shown === '' ? '' : `: ${shown}${more}`}`;
}

/** As many as fit a line; all of them are in `flotilla describe assignment`. */
const shownMax = 5;

function permitted(row: PlacementRow, text: string, decisions: Operated['decisions']): Operated {
  return { rollout: row.rollout, text, decisions };
}

function refuse(code: string, subject: string, text: string): Result<never, Reasoned> {
  return err({ code, text, subject });
}
