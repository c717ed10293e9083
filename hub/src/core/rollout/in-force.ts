import { type Digest, shortId } from '@flotilla/shared/base';
import type { Reasoned, Release } from '@flotilla/shared/model';
import { variantsFor } from '../release/index.ts';
import type { RolloutEvidence } from './evidence.ts';
import type { RolloutState } from './state.ts';
import type { DesiredRelease } from './wanted.ts';

/** What a placement should run in truth, and why that is not what Git's newest commit says. */
export interface InForce {
  /** Undefined = nothing may move: nobody knows the release that is asked for. */
  readonly wanted: DesiredRelease | undefined;
  /** Digest of the release that Git asks for, by its newest commit or by a hold, be it rejected or not. */
  readonly asked: Digest | undefined;
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
  const { rejected, stable } = state;
  const isHeldRejected = isHeld && rejected?.commit?.startsWith(hold.release) === true;
  const asked = isHeld ? heldRelease(state, desired, hold.release) : desired.release;
  const digest = isHeldRejected ? rejected.release : asked?.digest;
  const isRejected = digest !== undefined && rejected?.release === digest && stable !== undefined;
  const release = isRejected ? stable : asked;
  if (release === undefined) {
    const text = `hold asks for the release of commit ${hold?.release}, which this placement does not have any more; nothing moves`;
    const notes = [{ code: 'HoldUnknown', text, subject: state.placement }];
    return { wanted: undefined, asked: undefined, notes, wakeAtMs };
  }
  const held = isHeld && release !== desired.release ? [heldNote(state, desired)] : [];
  const notes = isRejected ? [...held, rejectedNote(state)] : held;
  if (release === desired.release) return { wanted: desired, asked: digest, notes, wakeAtMs };
  return { wanted: atRelease(desired, release, evidence), asked: digest, notes, wakeAtMs };
}

/** The same clusters at another release. */
export function atRelease(
  desired: DesiredRelease,
  release: Release,
  evidence: RolloutEvidence,
): DesiredRelease {
  const uids = [...desired.targets.keys(), ...desired.blocked.keys()];
  const clusters = uids.flatMap((uid) => evidence.clusterOf(uid)?.cluster ?? []);
  return { ...desired, release, ...variantsFor(release, clusters) };
}

/** Why nothing may move at all; undefined = it may. */
export function frozenBy(
  state: RolloutState,
  evidence: RolloutEvidence,
  nowMs: number,
): Reasoned | undefined {
  if (evidence.desired.kind !== 'release' || evidence.desired.hold === undefined) return undefined;
  const { notes, wanted } = inForce(state, evidence.desired, evidence, nowMs);
  return wanted === undefined ? notes[0] : undefined;
}

/** The release of a commit among those that are still known whole. */
function heldRelease(state: RolloutState, desired: DesiredRelease, commit: string): Release | undefined {
  const known = [desired.release, state.active?.plan.release, state.stable, state.stableBefore];
  return known.find((one) => one?.commit.id.startsWith(commit));
}

function heldNote({ placement }: RolloutState, { hold, release }: DesiredRelease): Reasoned {
  const text = `held at ${hold?.release.slice(0, 12)} (${hold?.reason}); ${shortId(release.commit.id)} waits`;
  return { code: 'Held', text, subject: placement };
}

function rejectedNote({ placement, rejected }: RolloutState): Reasoned {
  const text = `${rejected?.rollout} was rolled back (${rejected?.text}); its release starts again by a change in Git or by: flotilla rollout retry ${placement}`;
  return { code: 'Rejected', text, subject: placement };
}
