import { type ClusterUid, plural } from '@flotilla/shared/base';
import type { Reasoned } from '@flotilla/shared/model';
import type { KeptMatch, PreviousMatch } from '../placement/index.ts';
import type { RolloutEvidence } from './evidence.ts';
import { type RolloutState, runningOn } from './state.ts';
import { type DesiredRelease, isWanted } from './wanted.ts';

/** Who has a placement, as its log says: what rules that look at facts rest on. */
export function previousMatch(state: Pick<RolloutState, 'active' | 'rows'>): PreviousMatch {
  const planned = new Set<ClusterUid>();
  for (const [uid, { phase }] of state.active?.clusters ?? []) {
    const isComing = phase.kind === 'deferred' && phase.reason !== 'removed' && phase.reason !== 'unmatched';
    if (phase.kind === 'waiting' || isComing) planned.add(uid);
  }
  return { running: runningOn(state), planned };
}

/**
 * Whether a look at facts knew who has the placement now. Who has got it since might be judged otherwise: what was left
 * out because it ran nothing must not lose what it was given meanwhile.
 */
export function knewWhoHasIt(
  desired: DesiredRelease,
  previous: PreviousMatch,
  state: Pick<RolloutState, 'active' | 'rows'>,
): boolean {
  const now = previousMatch(state);
  const isUnheard = (uid: ClusterUid, then: ReadonlySet<ClusterUid>) =>
    !then.has(uid) && !isWanted(desired, uid);
  return (
    [...now.running].every((uid) => !isUnheard(uid, previous.running)) &&
    [...now.planned].every((uid) => !isUnheard(uid, previous.planned) || previous.running.has(uid))
  );
}

/**
 * Evidence in which those are not wanted any more that facts alone had kept, and that a person has let go meanwhile, or that
 * have it no longer.
 */
export function withoutAgreed(state: RolloutState, evidence: RolloutEvidence): RolloutEvidence {
  const { desired } = evidence;
  if (desired.kind !== 'release' || desired.kept === undefined) return evidence;
  const { planned, running } = previousMatch(state);
  const isAgreed = (uid: ClusterUid) => state.approved.has(uid) || state.withdraw?.agreed?.has(uid) === true;
  // A yes counts while fresh facts say no: it may have been one to a removal that Git does not ask for any more.
  const isLetGo = ([uid, { asks }]: readonly [ClusterUid, KeptMatch]) =>
    (asks && isAgreed(uid)) || !(running.has(uid) || planned.has(uid));
  const gone = [...desired.kept].filter(isLetGo).map(([uid]) => uid);
  if (gone.length === 0) return evidence;
  const [targets, blocked, kept] = [
    new Map(desired.targets),
    new Map(desired.blocked),
    new Map(desired.kept),
  ];
  for (const uid of gone) for (const map of [targets, blocked, kept]) map.delete(uid);
  return { ...evidence, desired: { ...desired, targets, blocked, kept } };
}

/** Running clusters of which fresh facts say that they should not have the placement, and no person has said so; sorted. */
export function doubted(
  { rows }: RolloutState,
  { clusterOf, desired }: RolloutEvidence,
): readonly ClusterUid[] {
  if (desired.kind !== 'release') return [];
  return [...(desired.kept ?? [])]
    .filter(
      ([uid, { asks }]) => asks && rows.get(uid)?.target.kind === 'variant' && clusterOf(uid) !== undefined,
    )
    .map(([uid]) => uid)
    .sort();
}

/** Why a person is asked about clusters that facts alone would take a placement from. */
export function doubtText({ kept }: DesiredRelease, clusters: readonly ClusterUid[]): string {
  const whys = clusters.flatMap((uid): readonly Reasoned[] => {
    const one = kept?.get(uid);
    return one === undefined ? [] : [one.why];
  });
  const more = whys.length > 1 ? `, and ${whys.length - 1} more` : '';
  return `facts alone say that ${plural(clusters.length, 'cluster')} should not have the placement (${whys[0]?.text ?? ''}${more})`;
}
