import { shortId } from '@flotilla/shared/base';
import type { Reasoned, Release } from '@flotilla/shared/model';
import { variantsFor } from '../release/index.ts';
import type { RolloutEvidence } from './evidence.ts';
import type { RolloutState } from './state.ts';
import type { DesiredRelease } from './wanted.ts';

/** What a placement should run in truth, and why that is not what Git's newest commit says. */
export interface InForce {
  /** Undefined = nothing may move: nobody knows the release that is asked for. */
  readonly wanted: DesiredRelease | undefined;
  readonly notes: readonly Reasoned[];
  /** When this is another answer even if nothing happens; milliseconds. */
  readonly wakeAtMs: number | undefined;
}

/**
 * The release of Git's newest commit, unless a file holds an older one or somebody rolled it back: then that one or the
 * stable one, on the same clusters. So who was away meanwhile and who joins get what the others run (rollout design, R10,
 * "Cluster joins").
 */
export function inForce(
  state: RolloutState,
  desired: DesiredRelease,
  evidence: RolloutEvidence,
  nowMs: number,
): InForce {
  const { hold } = desired;
  const isHeld = hold !== undefined && (hold.untilMs === undefined || nowMs < hold.untilMs);
  const wakeAtMs = isHeld ? hold.untilMs : undefined;
  const asked = isHeld ? heldRelease(state, desired, hold.release) : desired.release;
  if (asked === undefined) {
    const text = `hold asks for the release of commit ${hold?.release}, which this placement does not have any more; nothing moves`;
    return { wanted: undefined, notes: [{ code: 'HoldUnknown', text, subject: state.placement }], wakeAtMs };
  }
  const held = isHeld && asked !== desired.release ? [heldNote(state, desired, asked)] : [];
  const { rejected, stable } = state;
  const isRejected = rejected?.release === asked.digest && stable !== undefined;
  const release = isRejected ? stable : asked;
  const notes = isRejected ? [...held, rejectedNote(state)] : held;
  if (release === desired.release) return { wanted: desired, notes, wakeAtMs };
  const uids = [...desired.targets.keys(), ...desired.blocked.keys()];
  const clusters = uids.flatMap((uid) => evidence.clusterOf(uid)?.cluster ?? []);
  return { wanted: { ...desired, release, ...variantsFor(release, clusters) }, notes, wakeAtMs };
}

/** The release of a commit among those that are still known whole. */
function heldRelease(state: RolloutState, desired: DesiredRelease, commit: string): Release | undefined {
  const known = [desired.release, state.active?.plan.release, state.stable, state.stableBefore];
  return known.find((one) => one?.commit.id.startsWith(commit));
}

function heldNote({ placement }: RolloutState, { hold, release }: DesiredRelease, asked: Release): Reasoned {
  const text = `held at ${shortId(asked.commit.id)} (${hold?.reason}); ${shortId(release.commit.id)} waits`;
  return { code: 'Held', text, subject: placement };
}

function rejectedNote({ placement, rejected }: RolloutState): Reasoned {
  const text = `${rejected?.rollout} was rolled back (${rejected?.text}); its release starts again by a change in Git or by: flotilla rollout retry ${placement}`;
  return { code: 'Rejected', text, subject: placement };
}
