import { limits } from '@flotilla/shared/base';
import type { Reasoned, RolloutPlanned } from '@flotilla/shared/model';

/** Why the log cannot take a plan, said aloud instead of an append that is refused for ever; undefined = it can. */
export function tooLarge(plan: RolloutPlanned, placement: string): Reasoned | undefined {
  const bytes = JSON.stringify(plan).length;
  if (bytes <= limits.planBytesMax) return undefined;
  const variants = Object.keys(plan.variants).length;
  const clusters = Object.keys(plan.targets).length;
  const text = `the plan for ${clusters} clusters with ${variants} variants has ${bytes} bytes, more than the log takes (${limits.planBytesMax}); use fewer per-cluster variables or split the placement`;
  return { code: 'PlanTooLarge', text, subject: placement };
}
