import {
  type ClusterUid,
  err,
  type GitId,
  ok,
  type Result,
  type RolloutId,
  rolloutIdOf,
} from '@flotilla/shared/base';
import type { Reasoned, Release, RolloutPlanned, RolloutTarget, Variant } from '@flotilla/shared/model';
import { rollbackStrategy } from '../placement/index.ts';
import { variantFor } from '../release/index.ts';
import type { ClusterEvidence, RolloutEvidence } from './evidence.ts';
import { orderRollback } from './order-targets.ts';
import { tooLarge } from './plan-size.ts';
import { planWaves } from './plan-waves.ts';
import type { Rejection, RolloutState } from './state.ts';

/** What an undo takes back, and where it leads. */
interface Undoing {
  readonly release: Release['digest'];
  readonly commit: GitId | undefined;
  readonly rollout: RolloutId;
  readonly to: Release;
}

/**
 * The plan that goes back to the stable release and rejects what is undone (rollout design, R9 and R10): what runs, else
 * what was aborted, else what succeeded last. It needs no Git: a release holds all that its variants are made of. Fails
 * with the reason when there is nothing to go back to, or nobody to take back.
 */
export function planUndo(
  state: RolloutState,
  evidence: RolloutEvidence,
  why: { readonly text: string; readonly nowMs: number },
): Result<RolloutPlanned, Reasoned> {
  const { placement } = state;
  const refuse = (code: string, text: string) => err({ code, text, subject: placement });
  if (evidence.desired.kind === 'absent')
    return refuse('Absent', 'the placement left the control repository: it is withdrawn, not rolled back');
  const undoing = undoable(state);
  if (undoing === undefined) return nothingToUndo(state);
  const targets: [ClusterUid, RolloutTarget][] = [];
  const variants = new Map<string, Variant>();
  const clusters: ClusterEvidence[] = [];
  for (const { one, variant } of strayed(state, evidence, undoing.to)) {
    targets.push([one.cluster.uid, { kind: 'variant', digest: variant.digest }]);
    variants.set(variant.digest, variant);
    clusters.push(one);
  }
  if (clusters.length === 0)
    return refuse('NothingToUndo', `no cluster has got anything of ${undoing.rollout} yet`);
  const { afterMs } = rollbackStrategy.offline;
  const ordered = orderRollback(state, clusters, afterMs, why.nowMs);
  const plan: RolloutPlanned = {
    kind: 'rollout-planned',
    rollout: rolloutIdOf(placement, state.nextNumber),
    rolloutKind: 'rollback',
    release: undoing.to,
    stable: undoing.to,
    variants: Object.fromEntries(variants),
    targets: Object.fromEntries(targets),
    strategy: rollbackStrategy,
    waves: planWaves(ordered, rollbackStrategy),
    cause: { kind: 'decision', event: '' },
    supersedes: state.active?.id,
    onUnmatch: state.onUnmatch ?? 'prune',
    unwell: [],
    rejects: { release: undoing.release, commit: undoing.commit, rollout: undoing.rollout, text: why.text },
  };
  const problem = tooLarge(plan, placement);
  return problem === undefined ? ok(plan) : err(problem);
}

function nothingToUndo({ active, placement, stable, withdraw }: RolloutState): Result<never, Reasoned> {
  const subject = placement;
  if (active !== undefined && active.plan.release?.digest === stable?.digest) {
    const text = `${active.id} goes to the stable release already`;
    return err({ code: 'NothingToUndo', text, subject });
  }
  if (withdraw !== undefined) {
    const text = `${withdraw.id} is a removal: stop it by abort, and give its clusters back in Git`;
    return err({ code: 'NothingToUndo', text, subject });
  }
  return err({ code: 'NoStable', text: `no release of ${placement} to go back to ever succeeded`, subject });
}

/** What an undo would take back now; undefined = nothing. */
function undoable({
  aborted,
  active,
  history,
  rejected,
  stable,
  stableBefore,
}: RolloutState): Undoing | undefined {
  if (stable === undefined) return undefined;
  const running = active?.plan.release;
  if (active !== undefined && running !== undefined && running.digest !== stable.digest)
    return { release: running.digest, commit: running.commit.id, rollout: active.id, to: stable };
  // A rollback or the catching up with what is stable: there is nothing newer to take back.
  if (active !== undefined) return undefined;
  // An undo that was aborted half-way, or whose clusters strayed since.
  if (rejected !== undefined) return { ...pointOf(rejected), to: stable };
  if (aborted !== undefined && aborted.release !== stable.digest) return { ...pointOf(aborted), to: stable };
  const last = history.find((one) => one.outcome === 'succeeded' && one.releaseDigest === stable.digest);
  if (stableBefore === undefined || last === undefined) return undefined;
  return { release: stable.digest, commit: stable.commit.id, rollout: last.id, to: stableBefore };
}

function pointOf({ commit, release, rollout }: Rejection): Omit<Undoing, 'to'> {
  return { commit, release, rollout };
}

/** Registered clusters that run something else than their variant of the release, and that are not on their way out. */
function strayed(
  state: RolloutState,
  { clusterOf, desired }: RolloutEvidence,
  to: Release,
): readonly { readonly one: ClusterEvidence; readonly variant: Variant }[] {
  const found: { readonly one: ClusterEvidence; readonly variant: Variant }[] = [];
  for (const [uid, { target }] of state.rows) {
    const one = clusterOf(uid);
    const isLeaving = desired.kind === 'release' && !desired.targets.has(uid) && !desired.blocked.has(uid);
    if (one === undefined || isLeaving || target.kind !== 'variant') continue;
    const variant = variantFor(to, one.cluster);
    if (variant.ok && variant.value.digest !== target.variant.digest)
      found.push({ one, variant: variant.value });
  }
  return found;
}
