import type { Amount } from '@flotilla/shared/model';
import type { ToldRollout } from '../told.ts';

/** Moves what is proven already, or what nobody wants to stop: no failure and no missing sample does. */
export function isUngated({ plan: { strategy } }: ToldRollout): boolean {
  const isAll = (amount: Amount) => amount.kind === 'percent' && amount.percent === 100;
  return strategy.minSamplesPercent === 0 && isAll(strategy.failure.max) && isAll(strategy.failure.total);
}

/** Whether the failures that the log has are more than the strategy allows; joiners are in no share (I17). */
export function isOverBudget({ phases, plan }: ToldRollout): boolean {
  const { strategy, unwell, waves } = plan;
  const hasFailed = (uid: string) => phases.get(uid)?.kind === 'failed' && !unwell.some((one) => one === uid);
  for (const { clusters, stage } of waves) {
    const { max } = strategy.stages[stage]?.failure ?? strategy.failure;
    if (clusters.filter(hasFailed).length > allowed(max, clusters.length)) return true;
  }
  const planned = waves.flatMap(({ clusters }) => clusters);
  const all = strategy.failure.total.kind === 'count' ? [...phases.keys()] : planned;
  return all.filter(hasFailed).length > allowed(strategy.failure.total, planned.length);
}

function allowed(amount: Amount, of: number): number {
  return amount.kind === 'count' ? amount.count : Math.floor((amount.percent * of) / 100);
}
