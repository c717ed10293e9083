import type { Rollout } from './state.ts';

/** How long an approval counts when what it allows has not begun (rollout design, R15). */
export const approvalLifeMs = 72 * 3_600_000;

/** A stage that asks for a person's yes before the rollout goes on. */
export interface Gate {
  /** Index into the strategy's stages. */
  readonly stage: number;
  readonly name: string;
}

/**
 * The gate that a rollout stands at; undefined = it stands at none. A stage with `after: [approval]` lets nothing of a
 * later stage begin, and no rollout succeed, without the approval of exactly that stage; also a stage that took no
 * cluster of this plan, for an empty stage has proven nothing (R20). It is asked only once everything before it has
 * passed (R15).
 */
export function gateOf(rollout: Rollout, nowMs: number): Gate | undefined {
  const { plan, status } = rollout;
  if (status.kind !== 'passed' && status.kind !== 'planned') return undefined;
  const next = status.kind === 'planned' ? 0 : status.wave + 1;
  const { stages } = plan.strategy;
  // What lies before the stage that has been reached was allowed when it was reached.
  const reached = status.kind === 'passed' ? status.stage : 0;
  const until = plan.waves[next]?.stage ?? stages.length;
  const stage = stages.findIndex(
    ({ after }, index) =>
      index >= reached && index < until && after.includes('approval') && !isApproved(rollout, index, nowMs),
  );
  const name = stages[stage]?.name;
  return name === undefined ? undefined : { stage, name };
}

/** Whether a person approved what comes after a stage, and not too long ago. */
export function isApproved({ approvals }: Rollout, stage: number, nowMs: number): boolean {
  const atMs = approvals.get(stage);
  return atMs !== undefined && nowMs - atMs <= approvalLifeMs;
}
