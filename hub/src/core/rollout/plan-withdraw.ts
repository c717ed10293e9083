import type { ClusterUid, GitId } from '@flotilla/shared/base';
import { rolloutIdOf } from '@flotilla/shared/base';
import type { Actor, Reasoned, RemovalMode, RolloutStrategy, RolloutTarget } from '@flotilla/shared/model';
import { strategyDefaults } from '../fleet-spec/index.ts';
import { doubted, doubtText } from './by-facts.ts';
import { decide, firstOf, type Step, wait } from './decide.ts';
import type { DesiredPlacement, RolloutEvidence } from './evidence.ts';
import { orderTargets } from './order-targets.ts';
import { planWaves } from './plan-waves.ts';
import type { HeldWithdraw, KeptClusters, RolloutState } from './state.ts';
import { isWanted, leavers } from './wanted.ts';

/** How removals move: one cluster first, then the rest; nothing soaks, one failure of the first halts. */
export const withdrawStrategy: RolloutStrategy = {
  ...strategyDefaults,
  name: 'withdraw',
  stages: [
    {
      name: 'first',
      select: { kind: 'canary', count: 1 },
      waves: { start: { kind: 'count', count: 1 }, growth: 1, max: { kind: 'percent', percent: 100 } },
      soakMs: 0,
      failure: { ...strategyDefaults.failure, max: { kind: 'count', count: 0 } },
      after: [],
      checks: [],
    },
    {
      name: 'rest',
      select: { kind: 'remaining' },
      waves: { start: { kind: 'percent', percent: 100 }, growth: 1, max: { kind: 'percent', percent: 100 } },
      soakMs: 0,
      failure: undefined,
      after: [],
      checks: [],
    },
  ],
};

type Positive = Exclude<DesiredPlacement, { readonly kind: 'unresolved' }>;

/**
 * Starts the removal of what left, when it is small enough or a person agreed; else holds it, with the reason. Nothing
 * is removed while the placement is unresolved, nor because facts alone say so.
 */
export function planWithdraw(state: RolloutState, evidence: RolloutEvidence): Step {
  const { desired } = evidence;
  if (desired.kind === 'unresolved') return wait();
  const { kept } = state;
  const wantedAgain = [...(kept?.clusters ?? [])].filter((uid) => isWanted(desired, uid));
  if (wantedAgain.length > 0) return decide(evidence, { kind: 'keep-lifted', clusters: wantedAgain.sort() });
  const all = leavers(state, evidence);
  const gone = all.filter((uid) => kept?.clusters.has(uid) !== true);
  const unsure = doubted(state, evidence);
  const asking = gone.length === 0 ? undefined : needsPerson(state, desired, gone);
  const lifted = liftOutlived(state, evidence, { isAsking: asking !== undefined || unsure.length > 0 });
  if (lifted !== undefined) return lifted;
  return firstOf([
    () => planGone(state, evidence, { desired, all, gone, asking }),
    () => askAboutFacts(state, evidence, { desired, unsure, isTaken: asking !== undefined }),
  ]);
}

interface Leaving {
  readonly desired: Positive;
  /** Not wanted any more, those included that an aborted removal left. */
  readonly all: readonly ClusterUid[];
  readonly gone: readonly ClusterUid[];
  /** Why a person must agree. */
  readonly asking: string | undefined;
}

function planGone(state: RolloutState, evidence: RolloutEvidence, leaving: Leaving): Step {
  const { all, asking, desired, gone } = leaving;
  const { kept } = state;
  if (gone.length === 0) return wait(kept === undefined || all.length === 0 ? [] : [keptNote(state, kept)]);
  if (state.withdraw !== undefined && !mayReplace(state, gone)) return wait();
  if (asking !== undefined) return hold(state, evidence, { desired, gone, why: asking });
  const here = gone.filter((uid) => evidence.clusterOf(uid)?.presence === 'connected');
  if (here.length === 0) {
    const text = `${gone.length} clusters keep their objects until they are back: they are offline`;
    return wait([{ code: 'Offline', text, subject: state.placement }]);
  }
  const free = here.filter((uid) => evidence.clusterOf(uid)?.handOver === undefined);
  if (free.length === 0)
    return wait(here.flatMap((uid) => evidence.clusterOf(uid)?.handOver ?? []).slice(0, 1));
  return plan(state, evidence, { desired, here: free });
}

/** Whoever runs a placement keeps it, until a person agrees to what facts say; one question at a time. */
function askAboutFacts(
  state: RolloutState,
  evidence: RolloutEvidence,
  about: { readonly desired: Positive; readonly unsure: readonly ClusterUid[]; readonly isTaken: boolean },
): Step {
  const { desired, isTaken, unsure } = about;
  if (isTaken || unsure.length === 0 || desired.kind !== 'release') return wait();
  return hold(state, evidence, { desired, gone: unsure, why: doubtText(desired, unsure) });
}

/**
 * A question, or a yes, is over when those that it was about are wanted again, or are gone: what a person said of them then
 * must not count when they leave another time.
 */
function liftOutlived(
  { approved, held }: RolloutState,
  evidence: RolloutEvidence,
  { isAsking }: { readonly isAsking: boolean },
): Step | undefined {
  const again = [...approved].filter((uid) => isWanted(evidence.desired, uid)).sort();
  const endsQuestion = held !== undefined && !isAsking;
  return again.length > 0 || endsQuestion
    ? decide(evidence, { kind: 'withdraw-lifted', clusters: again, endsQuestion })
    : undefined;
}

/** What a person aborted is not taken away by the next look. */
function keptNote({ placement }: RolloutState, { clusters, rollout, text }: KeptClusters): Reasoned {
  const said = `${clusters.size} clusters keep the placement: ${rollout} was aborted (${text}); it starts again by: flotilla rollout retry ${placement}`;
  return { code: 'WithdrawAborted', text: said, subject: placement };
}

/** A withdraw that runs is left alone; a halted one gives way when clusters left that it does not know. */
function mayReplace(state: RolloutState, gone: readonly ClusterUid[]): boolean {
  const running = state.withdraw;
  return running?.status.kind === 'halted' && gone.some((uid) => !running.clusters.has(uid));
}

/** Why a person must agree; undefined = nobody has to, or somebody has. */
function needsPerson(
  state: RolloutState,
  desired: Positive,
  gone: readonly ClusterUid[],
): string | undefined {
  if (gone.every((uid) => state.approved.has(uid))) return undefined;
  const { withdrawMax } = desired.bounds;
  if (areAllThatRan(state, gone))
    return `it takes the placement from all ${gone.length} clusters that run it`;
  return gone.length > withdrawMax
    ? `it takes the placement from ${gone.length} clusters, more than the ${withdrawMax} that may leave at once`
    : undefined;
}

/**
 * Whether everybody who runs the placement leaves (R21). While some of those who leave are held already, those who got it in
 * their place since then prove nothing and do not count: else a rule that moves to other clusters would take it from all.
 */
function areAllThatRan({ held, rows }: RolloutState, gone: readonly ClusterUid[]): boolean {
  const leaving = new Set(gone);
  const isHeld = held?.clusters.some((uid) => leaving.has(uid)) === true;
  for (const [uid, { target, version }] of rows) {
    const isLater = isHeld && version.seq > held.sinceSeq;
    if (target.kind === 'variant' && !isLater && !leaving.has(uid)) return false;
  }
  return true;
}

function hold(
  state: RolloutState,
  evidence: RolloutEvidence,
  asked: { readonly desired: Positive; readonly gone: readonly ClusterUid[]; readonly why: string },
): Step {
  const { desired, gone, why } = asked;
  const { held } = state;
  const isSame = held !== undefined && held.clusters.join() === gone.join();
  const agreed = isSame ? agreementTo(held, evidence, desired.commit) : undefined;
  if (agreed !== undefined) {
    const payload = { kind: 'withdraw-approved', clusters: gone } as const;
    return { kind: 'decide', draft: { actor: agreed, evidence: undefined, payload } };
  }
  if (isSame) return wait([{ code: 'WithdrawHeld', text: held.text, subject: state.placement }]);
  const text = `${why}; nothing is removed until a person agrees: flotilla source accept control ${desired.commit}`;
  return decide(evidence, { kind: 'withdraw-held', clusters: gone, commit: desired.commit, text });
}

/**
 * Who agreed to what is held. A yes from before speaks of something else, a history that breaks off perhaps: nobody had
 * seen then from how many clusters the placement goes.
 */
function agreementTo(held: HeldWithdraw, evidence: RolloutEvidence, commit: GitId): Actor | undefined {
  const given = [held.commit, commit].map((id) => evidence.acceptedCommits.get(id));
  return given.find((one) => one !== undefined && one.atMs > held.sinceMs)?.actor;
}

function plan(
  state: RolloutState,
  evidence: RolloutEvidence,
  what: { readonly desired: Positive; readonly here: readonly ClusterUid[] },
): Step {
  const { desired, here } = what;
  const mode: RemovalMode = desired.kind === 'release' ? desired.onUnmatch : (state.onUnmatch ?? 'prune');
  const known = here.flatMap((uid) => evidence.clusterOf(uid) ?? []);
  // A cordon does not keep objects on a cluster: everybody here counts as present.
  const ordered = orderTargets(state, known, 0, 0);
  const targets = ordered.targets.map((one) => ({ ...one, isAway: false }));
  const removal: RolloutTarget = { kind: 'removal', mode };
  return decide(evidence, {
    kind: 'rollout-planned',
    rollout: rolloutIdOf(state.placement, state.nextNumber),
    rolloutKind: 'withdraw',
    release: undefined,
    stable: state.stable,
    variants: {},
    targets: Object.fromEntries(here.map((uid) => [uid, removal])),
    strategy: withdrawStrategy,
    waves: planWaves(targets, withdrawStrategy),
    cause: { kind: 'commit', commit: desired.commit },
    supersedes: state.withdraw?.id,
    onUnmatch: mode,
    unwell: [],
  });
}
