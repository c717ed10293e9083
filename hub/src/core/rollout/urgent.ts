import type { Actor, Release } from '@flotilla/shared/model';
import type { Rollout, RolloutState } from './state.ts';

/** A person called a release urgent. */
export interface Urgency {
  readonly release: Release['digest'];
  readonly by: Actor;
  /** Why. */
  readonly text: string;
  readonly sinceMs: number;
}

/** Whether somebody called a release urgent for this placement: a person, or the commit that it is of. */
export function isCalledUrgent(state: Pick<RolloutState, 'placement' | 'urgent'>, release: Release): boolean {
  const { urgent } = release.commit;
  const isByCommit = urgent === 'all' || urgent?.some((name) => name === state.placement) === true;
  return isByCommit || state.urgent?.release === release.digest;
}

/**
 * Whether a rollout is urgent: it brings something new that somebody called so. What is stable already goes to joiners
 * and to those who were left behind as ever, whatever was said of it once.
 */
export function isUrgent(
  state: Pick<RolloutState, 'placement' | 'urgent'>,
  { plan }: Pick<Rollout, 'plan'>,
): boolean {
  const { release, rolloutKind, stable } = plan;
  const isNew = rolloutKind === 'update' || rolloutKind === 'expand';
  if (!isNew || release === undefined || release.digest === stable?.digest) return false;
  return isCalledUrgent(state, release);
}

/** An urgent rollout soaks a fifth as long, but at least this or, where that is shorter, as long as its stage says. */
export const urgentSoakMinMs = 60_000;

/** How long a wave must be healthy, where its stage asks for `soakMs`. */
export function soakFor(isHurried: boolean, soakMs: number): number {
  return isHurried ? Math.min(soakMs, Math.max(urgentSoakMinMs, Math.ceil(soakMs / 5))) : soakMs;
}
