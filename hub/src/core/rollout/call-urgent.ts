import { err, ok, type Result, shortId } from '@flotilla/shared/base';
import type { PlacementDecision, Reasoned, Release } from '@flotilla/shared/model';
import type { RolloutEvidence } from './evidence.ts';
import { inForce } from './in-force.ts';
import type { Operated } from './operate.ts';
import type { Rollout, RolloutState } from './state.ts';
import { isCalledUrgent } from './urgent.ts';

/**
 * A person calls what Git asks for urgent: the rollout that brings it, or, where another one runs, the release that waits
 * behind it and now replaces it. Says why, because windows are there for a reason. What is stable already is not urgent.
 */
export function callUrgent(
  state: RolloutState,
  evidence: RolloutEvidence,
  asked: { readonly rollout: Rollout; readonly reason: string; readonly nowMs: number },
): Result<Operated, Reasoned> {
  const { nowMs, reason, rollout } = asked;
  const { desired } = evidence;
  const { id, plan } = rollout;
  if (reason.trim() === '')
    return refuse('ReasonMissing', id, 'what passes a change window needs a reason, for those who closed it');
  if (plan.rolloutKind === 'rollback' || plan.rolloutKind === 'withdraw') {
    const why =
      plan.rolloutKind === 'rollback' ? 'a rollback waits for no window' : 'a removal is not urgent';
    return refuse('NothingUrgent', id, `${id} is a ${plan.rolloutKind}: ${why}`);
  }
  const wanted = desired.kind === 'release' && inForce(state, desired, evidence, nowMs).wanted?.release;
  if (wanted === undefined || wanted === false)
    return refuse('NothingUrgent', id, 'it is not known now which release Git asks for');
  if (wanted.digest === state.stable?.digest)
    return refuse('NothingUrgent', id, `${commitText(wanted)} is what is stable already`);
  const decisions: readonly PlacementDecision[] = isCalledUrgent(state, wanted)
    ? []
    : [{ kind: 'release-urgent', release: wanted.digest, text: reason }];
  return ok({ decisions, rollout: id, text: textFor(rollout, wanted) });
}

function textFor({ isPaused, plan }: Rollout, wanted: Release): string {
  const how = 'windows that exempt urgent do not hold it, and it soaks a fifth as long, its canary first';
  if (plan.release?.digest === wanted.digest) return `is urgent: ${how}`;
  const when = isPaused ? 'is replaced, once it is resumed,' : 'is replaced';
  return `${when} by ${commitText(wanted)}, which is urgent: ${how}`;
}

function commitText({ commit }: Release): string {
  return `the release of commit ${shortId(commit.id)}`;
}

function refuse(code: string, subject: string, text: string): Result<Operated, Reasoned> {
  return err({ code, text, subject });
}
