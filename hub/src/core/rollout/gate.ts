import { type WebhookCheck, webhookChecksOf } from '@flotilla/shared/model';
import { hasPassed } from './fold-checks.ts';
import type { Rollout, RolloutState } from './state.ts';

/** How long an approval counts when what it allows has not begun (rollout design, R15). */
export const approvalLifeMs = 72 * 3_600_000;

/** What a stage asks for before the rollout goes on. */
export type Gate = StageGate & (ApprovalGate | CheckGate);

interface StageGate {
  /** Index into the strategy's stages. */
  readonly stage: number;
  readonly name: string;
}

/** A person's yes. */
interface ApprovalGate {
  readonly kind: 'approval';
}

/** Somebody outside has to say yes, and the hub asks. */
interface CheckGate {
  readonly kind: 'check';
  readonly check: WebhookCheck;
}

/** A check that is to be asked now. */
export interface DueCheck {
  readonly rollout: Rollout;
  readonly stage: number;
  /** Name of the stage. */
  readonly name: string;
  readonly check: WebhookCheck;
  /** The question: another one after a halt that was ended. */
  readonly key: string;
}

/**
 * The gate that a rollout stands at; undefined = it stands at none. What a stage asks for lets nothing of a later stage
 * begin, and no rollout succeed, before exactly that stage has it; also a stage that took no cluster of this plan, for an
 * empty stage has proven nothing (R20). It is asked only once everything before it has passed, and a person last (R15).
 */
export function gateOf(rollout: Rollout, nowMs: number): Gate | undefined {
  const { plan, status } = rollout;
  if (status.kind !== 'passed' && status.kind !== 'planned') return undefined;
  const next = status.kind === 'planned' ? 0 : status.wave + 1;
  const { stages } = plan.strategy;
  // What lies before the stage that has been reached was allowed when it was reached.
  const reached = status.kind === 'passed' ? status.stage : 0;
  const until = plan.waves[next]?.stage ?? stages.length;
  for (const [index, { after, checks, name }] of stages.entries()) {
    if (index < reached || index >= until) continue;
    const check = webhookChecksOf(checks).find((one) => !hasPassed(rollout, index, one.name));
    if (check !== undefined) return { kind: 'check', stage: index, name, check };
    const isAsked = after.includes('approval') && !isApproved(rollout, index, nowMs);
    if (isAsked) return { kind: 'approval', stage: index, name };
  }
  return undefined;
}

/** The checks that a placement's rollouts wait for now; the one that asks is the hub, until it has an answer. */
export function dueChecks({ active, withdraw }: RolloutState, nowMs: number): readonly DueCheck[] {
  return [active, withdraw].flatMap((rollout) => {
    const gate = rollout && gateOf(rollout, nowMs);
    if (rollout === undefined || gate?.kind !== 'check') return [];
    return [{ rollout, stage: gate.stage, name: gate.name, check: gate.check, key: keyOf(rollout, gate) }];
  });
}

/** Names one question of one rollout. */
export function keyOf(rollout: Rollout, { stage, check }: StageGate & CheckGate): string {
  return `${rollout.id}/${rollout.checks?.round ?? 0}/${stage}/${check.name}`;
}

/** Whether a person approved what comes after a stage, and not too long ago. */
export function isApproved({ approvals }: Rollout, stage: number, nowMs: number): boolean {
  const atMs = approvals.get(stage);
  return atMs !== undefined && nowMs - atMs <= approvalLifeMs;
}
