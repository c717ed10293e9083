import type { Random } from './random.ts';

/** Bounds of an exponential backoff, in milliseconds. */
export interface BackoffBounds {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * Full-jitter exponential backoff: a random delay in [0, min(cap, base × 2^attempt)).
 * `attempt` counts from 0. Full jitter spreads a herd of reconnecting agents best.
 */
export function fullJitterMs(attempt: number, bounds: BackoffBounds, random: Random): number {
  return Math.floor(ceilingMs(attempt, bounds) * random.next());
}

/** Exponential backoff with ± 20 % jitter: for one item that fails again and again. `attempt` counts from 0. */
export function backoffMs(attempt: number, bounds: BackoffBounds, random: Random): number {
  return Math.floor(ceilingMs(attempt, bounds) * (0.8 + 0.4 * random.next()));
}

function ceilingMs(attempt: number, bounds: BackoffBounds): number {
  return Math.min(bounds.capMs, bounds.baseMs * 2 ** Math.min(attempt, 30));
}
