import { type ClusterUid, rolloutIdOf } from '@flotilla/shared/base';
import type {
  Reasoned,
  RolloutKind,
  RolloutPlanned,
  RolloutStrategy,
  RolloutTarget,
  Variant,
} from '@flotilla/shared/model';
import { rollbackStrategy } from '../placement/index.ts';
import { waitsForAway } from './away.ts';
import { decide, type Step, wait } from './decide.ts';
import type { RolloutEvidence } from './evidence.ts';
import { gateOf } from './gate.ts';
import { untilWell } from './impaired.ts';
import { atRelease, inForce } from './in-force.ts';
import type { RolloutMoment } from './moment.ts';
import { waitsBehind } from './new-revision.ts';
import { type OrderedTargets, orderRollback, orderTargets } from './order-targets.ts';
import { tooLarge } from './plan-size.ts';
import { planWaves } from './plan-waves.ts';
import { isStartable } from './presence.ts';
import type { Rejection, Rollout, RolloutState } from './state.ts';
import { atOnceStrategy, followingStrategy } from './strategies.ts';
import { type DesiredRelease, type Differing, differing } from './wanted.ts';

/**
 * Starts the rollout that the difference between wanted and given rows asks for, or none. A newer release supersedes the
 * one that runs, or waits for it, as the placement says; it starts from its first stage and inherits nothing.
 */
export function planRelease(state: RolloutState, evidence: RolloutEvidence, nowMs: number): Step {
  const { desired } = evidence;
  const { active } = state;
  if (desired.kind === 'unresolved') return wait(desired.reasons);
  if (desired.kind === 'absent') {
    const text = 'the placement left the control repository';
    return active === undefined
      ? wait()
      : decide(evidence, { kind: 'rollout-cancelled', rollout: active.id, text });
  }
  const { asked, notes, wakeAtMs, wanted } = inForce(state, desired, evidence, nowMs);
  if (wanted === undefined) return wait(notes, wakeAtMs);
  const lifted = liftOutlived(state, { asked, wanted }, evidence);
  if (lifted !== undefined) return lifted;
  if (active?.plan.release?.digest === wanted.release.digest) return wait(notes, wakeAtMs);
  const all = differing(state, wanted, evidence);
  const targets = all.filter(isTarget);
  const { aborted } = state;
  if (aborted?.release === wanted.release.digest && targets.length > 0) {
    const note = abortedNote(state, aborted);
    return active === undefined ? planForJoiners({ state, wanted, evidence, nowMs }, note) : wait([note]);
  }
  if (active === undefined) {
    if (!targets.some(({ one }) => isStartable(one)))
      return wait([...notes, ...(all.length === 0 ? [] : [nobodyHere(state, all)])], wakeAtMs);
  } else if (targets.length === 0) {
    const text = 'Git went back to what every cluster already runs';
    return decide(evidence, { kind: 'rollout-cancelled', rollout: active.id, text });
  } else {
    const isStuck = () => waitsForAway({ state, rollout: active, evidence, nowMs });
    const isAtGate = () => gateOf(active, nowMs) !== undefined;
    const queued = waitsBehind(state, active, { ...wanted, isAtGate, isStuck });
    if (queued !== undefined) return wait([...notes, queued], wakeAtMs);
  }
  return planned(state, evidence, { plan: planFor({ state, desired: wanted, targets, nowMs }), nowMs });
}

function planned(
  state: RolloutState,
  evidence: RolloutEvidence,
  { nowMs, plan }: { readonly plan: RolloutPlanned; readonly nowMs: number },
): Step {
  const problem = tooLarge(plan, state.placement);
  if (problem !== undefined) return wait([problem]);
  const about = { kind: plan.rolloutKind, subject: state.placement };
  return untilWell(evidence, about, nowMs) ?? decide(evidence, plan);
}

/** Whoever runs nothing yet and cannot be reached is no target: there is nothing to update. */
function isTarget({ isJoiner, one }: Differing): boolean {
  return !isJoiner || isStartable(one);
}

/** While a release is aborted, who joins gets the stable one (rollout design, "Cluster joins"). */
function planForJoiners(
  about: {
    readonly state: RolloutState;
    readonly wanted: DesiredRelease;
    readonly evidence: RolloutEvidence;
    readonly nowMs: number;
  },
  note: Reasoned,
): Step {
  const { evidence, nowMs, state, wanted } = about;
  if (state.stable === undefined) return wait([note]);
  const desired = atRelease(wanted, state.stable, evidence);
  const targets = differing(state, desired, evidence).filter((one) => one.isJoiner && isTarget(one));
  return targets.length === 0
    ? wait([note])
    : planned(state, evidence, { plan: planFor({ state, desired, targets, nowMs }), nowMs });
}

/**
 * A plan for what a rollout has not moved yet, as if it began now with the same strategy; undefined when what it moves is
 * not what is wanted any more, or nobody can start.
 */
export function planAgain({ evidence, nowMs, rollout, state }: RolloutMoment): RolloutPlanned | undefined {
  const { desired } = evidence;
  if (desired.kind !== 'release') return undefined;
  const { wanted } = inForce(state, desired, evidence, nowMs);
  if (wanted === undefined || wanted.release.digest !== rollout.plan.release?.digest) return undefined;
  const targets = differing(state, wanted, evidence).filter(isTarget);
  if (!targets.some(({ one }) => isStartable(one))) return undefined;
  const plan = planFor({ state, desired: wanted, targets, nowMs, again: rollout });
  return tooLarge(plan, state.placement) === undefined ? plan : undefined;
}

/** What was rejected or aborted is history once Git asks for something else; if it comes back, it comes back anew (I11). */
function liftOutlived(
  { aborted, rejected }: RolloutState,
  { asked, wanted }: { readonly asked: string | undefined; readonly wanted: DesiredRelease },
  evidence: RolloutEvidence,
): Step | undefined {
  const isRejectionOver = rejected !== undefined && rejected.release !== asked;
  const isAbortOver = aborted !== undefined && aborted.release !== wanted.release.digest;
  const outlived = [isRejectionOver ? rejected : undefined, isAbortOver ? aborted : undefined];
  const release = outlived.find((one) => one !== undefined)?.release;
  const text = `Git asks for another release since commit ${wanted.commit}`;
  return release && decide(evidence, { kind: 'rejection-lifted', release, text });
}

/** What a person aborted does not start again by itself. */
function abortedNote({ placement }: RolloutState, aborted: Rejection): Reasoned {
  const text = `${aborted.rollout} was aborted (${aborted.text}); it starts again by a change in Git or by: flotilla rollout retry ${placement}`;
  return { code: 'Aborted', text, subject: placement };
}

function nobodyHere({ placement }: RolloutState, all: readonly Differing[]): Reasoned {
  const waiting = all.map(({ one }) => one.waitsFor).find((one) => one !== undefined);
  if (waiting !== undefined) {
    const text = `${all.length} clusters wait for what it depends on: ${waiting.text}`;
    return { code: waiting.code, text, subject: placement };
  }
  const text = `${all.length} clusters get the release when they are back: they are offline or cordoned`;
  return { code: 'Offline', text, subject: placement };
}

interface Planning {
  readonly state: RolloutState;
  readonly desired: DesiredRelease;
  readonly targets: readonly Differing[];
  readonly nowMs: number;
  /** The rollout that is planned once more: its kind and strategy stay. */
  readonly again?: Rollout;
}

function planFor(planning: Planning): RolloutPlanned {
  const { state, desired, targets } = planning;
  const kind = planning.again?.plan.rolloutKind ?? kindOf(planning);
  const strategy = planning.again?.plan.strategy ?? strategyFor(kind, planning);
  const ordered = orderFor(kind, strategy, planning);
  const digests: [ClusterUid, RolloutTarget][] = [];
  const variants = new Map<string, Variant>();
  for (const { one } of targets) {
    const digest = desired.targets.get(one.cluster.uid);
    const variant = digest === undefined ? undefined : desired.variants.get(digest);
    if (digest === undefined || variant === undefined) continue;
    digests.push([one.cluster.uid, { kind: 'variant', digest }]);
    variants.set(digest, variant);
  }
  return {
    kind: 'rollout-planned',
    rollout: rolloutIdOf(state.placement, state.nextNumber),
    rolloutKind: kind,
    release: desired.release,
    stable: state.stable,
    variants: Object.fromEntries(variants),
    targets: Object.fromEntries(digests),
    strategy,
    waves: planWaves(ordered.targets, strategy),
    cause: { kind: 'commit', commit: desired.commit },
    supersedes: state.active?.id,
    onUnmatch: desired.onUnmatch,
    unwell: ordered.unwell,
  };
}

function kindOf({ state, desired, targets }: Planning): RolloutKind {
  const { stable, active } = state;
  if (stable?.digest !== desired.release.digest) {
    return stable !== undefined && targets.every((one) => one.isJoiner) ? 'expand' : 'update';
  }
  if (active !== undefined) return 'rollback';
  if (targets.every((one) => one.isJoiner)) return 'expand';
  // Left behind by the rollout that made the release stable: deferred then, back now.
  const isLeftBehind = ({ row, isJoiner }: Differing) =>
    isJoiner || (row?.target.kind === 'variant' && row.target.releaseDigest !== stable.digest);
  return targets.every(isLeftBehind) ? 'catch-up' : 'update';
}

/** What is proven already goes out at once to few; everything else goes the placement's own way. */
function strategyFor(kind: RolloutKind, { state, desired, targets }: Planning): RolloutStrategy {
  if (kind === 'rollback') return rollbackStrategy;
  const isProven = state.stable?.digest === desired.release.digest;
  if (kind === 'catch-up') {
    return targets.length <= desired.bounds.joinMax
      ? atOnceStrategy(desired.strategy, 'catch-up')
      : followingStrategy(desired.strategy);
  }
  return kind === 'expand' && isProven && targets.length <= desired.bounds.joinMax
    ? atOnceStrategy(desired.strategy, 'join')
    : desired.strategy;
}

function orderFor(kind: RolloutKind, strategy: RolloutStrategy, planning: Planning): OrderedTargets {
  const { state, nowMs } = planning;
  const known = planning.targets.map(({ one }) => one);
  if (kind === 'rollback') {
    return { targets: orderRollback(state, known, strategy.offline.afterMs, nowMs), unwell: [] };
  }
  return orderTargets(state, known, strategy.offline.afterMs, nowMs);
}
