import { type StrategyStage, type WebhookCheck, webhookChecksOf } from '@flotilla/shared/model';
import { checkLifeMs, passedAtMs } from './fold-checks.ts';
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
  /** The question: another one after a halt that was ended, and when the last answer is too old. */
  readonly key: string;
}

/**
 * The gate that a rollout stands at; undefined = it stands at none. What a stage asks for lets nothing of a later stage
 * begin, and no rollout succeed, before exactly that stage has it; also a stage that took no cluster of this plan, for an
 * empty stage has proven nothing (R20). It is asked only once everything before it has passed, and a person last (R15). An
 * answer that has grown too old meanwhile is asked for anew when it would be used.
 */
export function gateOf(rollout: Rollout, nowMs: number): Gate | undefined {
  for (const { index: stage, after, checks, name } of gatedStages(rollout)) {
    const asked = webhookChecksOf(checks);
    const unasked = asked.find((one) => passedAtMs(rollout, stage, one.name) === undefined);
    if (unasked !== undefined) return { kind: 'check', stage, name, check: unasked };
    const needsPerson = after.includes('approval') && !isApproved(rollout, stage, nowMs);
    if (needsPerson) return { kind: 'approval', stage, name };
    const old = asked.find((one) => endsAtMs(rollout, stage, one.name) <= nowMs);
    if (old !== undefined) return { kind: 'check', stage, name, check: old };
  }
  return undefined;
}

/** The stages whose gates stand before what is next. */
function gatedStages({ plan, status }: Rollout): readonly (StrategyStage & { readonly index: number })[] {
  if (status.kind !== 'passed' && status.kind !== 'planned') return [];
  const next = status.kind === 'planned' ? 0 : status.wave + 1;
  const { stages } = plan.strategy;
  // What lies before the stage that has been reached was allowed when it was reached.
  const reached = status.kind === 'passed' ? status.stage : 0;
  const until = plan.waves[next]?.stage ?? stages.length;
  return stages
    .map((stage, index) => ({ ...stage, index }))
    .filter(({ index }) => index >= reached && index < until);
}

/** Until when the answer of a check counts; in the past where there is none. */
function endsAtMs(rollout: Rollout, stage: number, check: string): number {
  return (passedAtMs(rollout, stage, check) ?? Number.NEGATIVE_INFINITY) + checkLifeMs;
}

/** When the first answer that still counts at a gate stops to; undefined = none does. */
export function nextAskMs({ active, withdraw }: RolloutState, nowMs: number): number | undefined {
  const ends = [active, withdraw].flatMap((rollout) =>
    rollout === undefined
      ? []
      : gatedStages(rollout).flatMap(({ index, checks }) =>
          webhookChecksOf(checks).map(({ name }) => endsAtMs(rollout, index, name)),
        ),
  );
  const ahead = ends.filter((endMs) => endMs > nowMs);
  return ahead.length === 0 ? undefined : Math.min(...ahead);
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
  const passed = passedAtMs(rollout, stage, check.name);
  const again = passed === undefined ? '' : `/${passed}`;
  return `${rollout.id}/${rollout.checks?.round ?? 0}/${stage}/${check.name}${again}`;
}

/** Whether a person approved what comes after a stage, and not too long ago. */
export function isApproved({ approvals }: Rollout, stage: number, nowMs: number): boolean {
  const atMs = approvals.get(stage);
  return atMs !== undefined && nowMs - atMs <= approvalLifeMs;
}
