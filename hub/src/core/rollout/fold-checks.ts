import type { CheckDecision } from '@flotilla/shared/model';
import type { Rollout, RolloutChecks } from './state.ts';

/** A check of a stage has passed. */
export function withPassed(rollout: Rollout, { stage, check }: CheckDecision): Rollout {
  const { round, passed } = rollout.checks ?? { round: 0, passed: new Set<string>() };
  return { ...rollout, checks: { round, passed: new Set([...passed, passedKey(stage, check)]) } };
}

/** After a halt that was ended everything is asked again. */
export function withoutAnswers({ round }: RolloutChecks): RolloutChecks {
  return { round: round + 1, passed: new Set() };
}

/** Whether a check of a stage has passed since the last halt. */
export function hasPassed({ checks }: Rollout, stage: number, check: string): boolean {
  return checks?.passed.has(passedKey(stage, check)) === true;
}

/** Why a rollout is halted by a check. */
export function failedText({ plan }: Rollout, { stage, check, text }: CheckDecision): string {
  const where = plan.strategy.stages[stage]?.name ?? String(stage);
  return `check ${check} of stage ${where} failed${text === '' ? '' : `: ${text}`}`;
}

function passedKey(stage: number, check: string): string {
  return `${stage}/${check}`;
}
