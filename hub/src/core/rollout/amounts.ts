import type { Amount } from '@flotilla/shared/model';

/** A threshold in whole clusters, rounded down: small waves allow none (rollout design, R7). */
export function thresholdOf(amount: Amount, of: number): number {
  return amount.kind === 'count' ? amount.count : Math.floor((amount.percent * of) / 100);
}

/** A cap in whole clusters, rounded down, but at least 1 (R7). */
export function capOf(amount: Amount, of: number): number {
  return Math.max(1, thresholdOf(amount, of));
}

/** Samples that are needed, rounded up (R7). */
export function samplesOf(percent: number, of: number): number {
  return Math.ceil((percent * of) / 100);
}
