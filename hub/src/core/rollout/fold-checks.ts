import type { CheckDecision } from '@flotilla/shared/model';
import type { Rollout, RolloutChecks } from './state.ts';

/**
 * How long an answer of a check counts when what it allows has not begun: it speaks of what was there when it was given. No
 * shorter, or a freeze of two weeks would fill the log with answers.
 */
export const checkLifeMs = 6 * 3_600_000;

/** Nothing was answered yet. */
export const noAnswers: RolloutChecks = { round: 0, passed: new Map() };

/** A check of a stage has passed at this time, milliseconds. */
export function withPassed(rollout: Rollout, { stage, check }: CheckDecision, timeMs: number): Rollout {
  const { round, passed } = rollout.checks ?? noAnswers;
  return { ...rollout, checks: { round, passed: new Map(passed).set(passedKey(stage, check), timeMs) } };
}

/** After a halt that was ended everything is asked again. */
export function withoutAnswers({ round }: RolloutChecks): RolloutChecks {
  return { round: round + 1, passed: new Map() };
}

/** When a check of a stage last passed since the last halt, milliseconds; undefined = it has not. */
export function passedAtMs({ checks }: Rollout, stage: number, check: string): number | undefined {
  return checks?.passed.get(passedKey(stage, check));
}

/** Why a rollout is halted by a check. */
export function failedText({ plan }: Rollout, { stage, check, text }: CheckDecision): string {
  const where = plan.strategy.stages[stage]?.name ?? String(stage);
  return `check ${check} of stage ${where} failed${text === '' ? '' : `: ${text}`}`;
}

function passedKey(stage: number, check: string): string {
  return `${stage}/${check}`;
}
