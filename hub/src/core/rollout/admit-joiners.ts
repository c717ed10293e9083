import { type ClusterUid, plural } from '@flotilla/shared/base';
import type {
  Cluster,
  ClusterSelector,
  Reasoned,
  RolloutTarget,
  StrategyStage,
  Variant,
} from '@flotilla/shared/model';
import { takeTokens } from '../budget/index.ts';
import { matches } from '../placement/index.ts';
import { variantFor } from '../release/index.ts';
import { firstOf, type Step, start, wait } from './decide.ts';
import type { RolloutEvidence } from './evidence.ts';
import { rolloutUntilWell } from './impaired.ts';
import { inForce } from './in-force.ts';
import { judgeCluster } from './judge-cluster.ts';
import { isComingBack } from './judge-wave.ts';
import type { RolloutMoment } from './moment.ts';
import { canaryLabel } from './plan-waves.ts';
import { isStartable } from './presence.ts';
import type { PlacementRow, Rollout, RolloutState } from './state.ts';
import { isAtOnce } from './strategies.ts';
import { type DesiredRelease, type Differing, differing } from './wanted.ts';

/**
 * Clusters that join while a rollout runs (rollout design, "Cluster joins"): the candidate when their stage is complete
 * or the candidate is what is stable; else the stable release now; without one they come with their stage. So many at
 * once as the policy allows; they never count in the rollout's percentages.
 */
export function admitJoiners(state: RolloutState, evidence: RolloutEvidence, nowMs: number): Step {
  const { active } = state;
  if (evidence.desired.kind !== 'release' || active === undefined || active.isPaused) return wait();
  const desired = inForce(state, evidence.desired, evidence, nowMs).wanted;
  if (desired === undefined) return wait();
  if (active.plan.release?.digest !== desired.release.digest) return wait();
  const here = differing(state, desired, evidence).filter(
    (one) => one.isJoiner && isOutside(active, one) && isStartable(one.one),
  );
  // Whoever joins is not urgent, whatever the rollout is.
  const isClosed = ({ one }: Differing) => evidence.closedFor(one.cluster.uid, 'normal') !== undefined;
  const joiners = here.filter((one) => !isClosed(one));
  const closed = here.filter(isClosed);
  return firstOf([
    () => (joiners.length === 0 ? wait() : admitOpen(state, evidence, { active, desired, joiners, nowMs })),
    () => closedNote(state, evidence, closed),
  ]);
}

/**
 * Whether a rollout does not give a cluster what it runs meanwhile: it never knew the cluster, or the placement was taken from it and is
 * wanted there again. One that was away comes back by itself; one that failed stays a failure of the rollout.
 */
function isOutside({ clusters }: Rollout, { one, row }: Differing): boolean {
  const phase = clusters.get(one.cluster.uid)?.phase;
  if (phase === undefined) return true;
  if (row?.target.kind !== 'removal' || phase.kind === 'failed') return false;
  return phase.kind !== 'deferred' || !isComingBack(phase.reason);
}

/** Those of the joiners who may begin now. */
function admitOpen(
  state: RolloutState,
  evidence: RolloutEvidence,
  about: {
    readonly active: Rollout;
    readonly desired: DesiredRelease;
    readonly joiners: readonly Differing[];
    readonly nowMs: number;
  },
): Step {
  const { active, desired, joiners, nowMs } = about;
  const unwell = rolloutUntilWell({ state, rollout: active, evidence, nowMs });
  if (unwell !== undefined) return unwell;
  const { count: room, moreAtMs } = roomFor({ state, rollout: active, evidence, nowMs }, desired);
  const candidates: Admission[] = [];
  const stables: Admission[] = [];
  for (const { one } of joiners) {
    const { cluster } = one;
    if (candidates.length + stables.length >= room) break;
    // Whose wave is still to come gets the release with it.
    const isInLine = active.clusters.get(cluster.uid)?.phase.kind === 'waiting';
    const isDue = !isInLine && takesCandidate(state, active, cluster);
    const candidate = isDue ? candidateOf(desired, cluster.uid) : undefined;
    if (candidate !== undefined) candidates.push({ uid: cluster.uid, variant: candidate });
    else {
      const stable = stableOf(active, cluster);
      if (stable !== undefined) stables.push({ uid: cluster.uid, variant: stable });
    }
  }
  const admit = (basis: Basis, admissions: readonly Admission[]) =>
    admitted(state, evidence, { rollout: active, basis, admissions });
  if (candidates.length > 0) return admit('joined-candidate', candidates);
  if (stables.length > 0) return admit('joined-stable', stables);
  const text = whyTheyWait(active, joiners, room);
  return wait([{ code: 'JoinersWait', text, subject: state.placement }], moreAtMs);
}

function whyTheyWait({ id, plan }: Rollout, joiners: readonly Differing[], room: number): string {
  const count = plural(joiners.length, 'cluster');
  if (room <= 0)
    return `what joined waits until those before it are Ready, for so many may join at once: ${count}`;
  if (plan.stable === undefined)
    return `nothing is stable yet, so what joined comes with its stage of ${id}: ${count}`;
  return `what joined waits for ${id} to end, for the stable release cannot be made there: ${count}`;
}

interface Admission {
  readonly uid: ClusterUid;
  readonly variant: Variant;
}

type Basis = 'joined-candidate' | 'joined-stable';

/** Each has its own reason; the first is told for all, and the first to open is waited for. */
function closedNote(state: RolloutState, evidence: RolloutEvidence, closed: readonly Differing[]): Step {
  const held = new Map<ClusterUid, Reasoned>();
  const opens: number[] = [];
  for (const { one } of closed) {
    const window = evidence.closedFor(one.cluster.uid, 'normal');
    const text = `clusters that joined wait for ${window?.text}`;
    held.set(one.cluster.uid, { code: 'WindowClosed', text, subject: state.placement });
    if (window?.opensAtMs !== undefined) opens.push(window.opensAtMs);
  }
  return wait([...held.values()].slice(0, 1), opens.length === 0 ? undefined : Math.min(...opens), held);
}

function admitted(
  state: RolloutState,
  evidence: RolloutEvidence,
  about: { readonly rollout: Rollout; readonly basis: Basis; readonly admissions: readonly Admission[] },
): Step {
  const { basis, rollout } = about;
  const { placement } = state;
  const clusters = about.admissions.map(({ uid }) => uid);
  const taken = takeTokens(evidence.budget, { placement, rollout: rollout.id, clusters, isExempt: false });
  if (taken.granted.length === 0) {
    const text = `${clusters.length} clusters that joined wait for the fleet budget`;
    return wait([{ code: 'FleetBudget', text, subject: placement }]);
  }
  const granted = new Set(taken.granted);
  const admissions = about.admissions.filter(({ uid }) => granted.has(uid));
  const targets: [ClusterUid, RolloutTarget][] = admissions.map(({ uid, variant }) => [
    uid,
    { kind: 'variant', digest: variant.digest },
  ]);
  const variants = admissions
    .filter(({ variant }) => rollout.plan.variants[variant.digest] === undefined)
    .map(({ variant }): [string, Variant] => [variant.digest, variant]);
  const payload = {
    kind: 'clusters-admitted',
    rollout: rollout.id,
    basis,
    targets: Object.fromEntries(targets),
    variants: Object.fromEntries(variants),
  } as const;
  return start(evidence, payload, taken.decision);
}

/** How many more may join now, and when it may be more; a strategy that starts everything at once has room for all. */
function roomFor(
  { evidence, nowMs, rollout, state }: RolloutMoment,
  desired: DesiredRelease,
): { readonly count: number; readonly moreAtMs: number | undefined } {
  if (isAtOnce(desired.strategy)) return { count: Number.POSITIVE_INFINITY, moreAtMs: undefined };
  let busy = 0;
  let moreAtMs: number | undefined;
  for (const [uid, row] of state.rows) {
    if (row.rollout !== rollout.id || !hasJoined(rollout, uid, row)) continue;
    const verdict = judgeCluster(state, rollout, evidence, uid);
    const lostAtMs = verdict.kind === 'unknown' ? verdict.lostAtMs : undefined;
    // Who joined and fell silent keeps nobody else away (I16).
    if (verdict.kind === 'proven' || (lostAtMs !== undefined && nowMs >= lostAtMs)) continue;
    busy += 1;
    if (lostAtMs !== undefined) moreAtMs = Math.min(moreAtMs ?? lostAtMs, lostAtMs);
  }
  return { count: Math.max(0, desired.bounds.joinMax - busy), moreAtMs };
}

/** Whether a row of the rollout was given outside its waves. */
function hasJoined({ clusters, plan }: Rollout, uid: ClusterUid, { target }: PlacementRow): boolean {
  const isOther = target.kind === 'variant' && target.releaseDigest !== plan.release?.digest;
  return isOther || clusters.get(uid)?.wave === undefined;
}

function takesCandidate(state: RolloutState, rollout: Rollout, cluster: Cluster): boolean {
  if (rollout.status.kind === 'planned' || rollout.status.kind === 'halted') return false;
  if (rollout.plan.release?.digest === state.stable?.digest || isAtOnce(rollout.plan.strategy)) return true;
  const { stages } = rollout.plan.strategy;
  const own = stages.findIndex((stage) => takesIn(stage, cluster));
  const { stage: current, wave, kind } = rollout.status;
  const isLastOfStage = rollout.plan.waves[wave + 1]?.stage !== current;
  // Without a stable release there is nothing else to give them: they come with their stage instead of after it.
  const isReached = kind === 'passed' || state.stable === undefined;
  const complete = isReached && isLastOfStage ? current : current - 1;
  return own >= 0 && own <= complete;
}

/** The stage that would have taken a cluster, had it been there. */
function takesIn(stage: StrategyStage, cluster: Cluster): boolean {
  switch (stage.select.kind) {
    case 'canary':
      return cluster.labels[canaryLabel] === 'true';
    case 'selector':
      // The strategy was written by this program; the text is a selector.
      return matches(JSON.parse(stage.select.selector) as ClusterSelector, cluster);
    case 'remaining':
      return true;
  }
}

function candidateOf(desired: DesiredRelease, uid: ClusterUid): Variant | undefined {
  const digest = desired.targets.get(uid);
  return digest === undefined ? undefined : desired.variants.get(digest);
}

function stableOf(rollout: Rollout, cluster: Cluster): Variant | undefined {
  if (rollout.plan.stable === undefined) return undefined;
  const variant = variantFor(rollout.plan.stable, cluster);
  return variant.ok ? variant.value : undefined;
}
