import type { Reasoned, Release } from '@flotilla/shared/model';
import type { NewRevision } from './evidence.ts';
import type { Rollout, RolloutState } from './state.ts';
import { isUngated } from './strategies.ts';
import { isCalledUrgent } from './urgent.ts';

/** So many rollouts in a row may be superseded in their first stage; the next one runs through it (R14, I14). */
export const supersedesMax = 3;

/** What Git asks for now, while another release is being rolled out. */
interface Wanted {
  readonly release: Release;
  readonly onNewRevision: NewRevision;
  /** The rollout waits for nothing but clusters that are not expected back. */
  readonly isStuck: () => boolean;
  /** Nothing has begun, but what comes before it has: the rollout stands at a check or an approval. */
  readonly isAtGate: () => boolean;
}

/**
 * What a newer release waits for; undefined = it replaces the rollout that runs now. A pause is for what comes next, too: a
 * push does not end it. What is urgent waits for nothing else (rollout design, "New revision in flight"). Nobody waits to
 * go back to what is stable, and a rollback ends before anything new begins: its clusters are the ones that are worst
 * off (I12).
 */
export function waitsBehind(state: RolloutState, active: Rollout, wanted: Wanted): Reasoned | undefined {
  if (wanted.release.digest === state.stable?.digest) return undefined;
  const why = whyWaits(state, active, wanted);
  if (why === undefined) return undefined;
  const abort = `flotilla rollout abort ${active.id}`;
  // A rollback, or what a person paused, goes on before what is urgent, too.
  const isHeldToo = active.plan.rolloutKind === 'rollback' || active.isPaused;
  const way = isHeldToo ? abort : `flotilla rollout urgent ${state.placement}, or ${abort}`;
  const text = `a newer release waits for ${active.id}: ${why}; to replace it now: ${way}`;
  return { code: 'Queued', text, subject: state.placement };
}

function whyWaits(
  state: RolloutState,
  active: Rollout,
  { isAtGate, isStuck, onNewRevision, release }: Wanted,
): string | undefined {
  if (active.plan.rolloutKind === 'rollback') return 'it rolls back';
  if (active.isPaused) return 'a person paused it';
  if (isCalledUrgent(state, release)) return undefined;
  const isHalted = active.status.kind === 'halted';
  switch (onNewRevision) {
    case 'supersede':
      return undefined;
    case 'block':
      return 'onNewRevision is block';
    case 'queue':
      return isHalted ? undefined : 'onNewRevision is queue';
    case 'auto':
      return isHalted || isStuck() ? undefined : whyNotNow(state, active, isAtGate);
  }
}

function whyNotNow(state: RolloutState, active: Rollout, isAtGate: () => boolean): string | undefined {
  // What nothing stops has started everywhere already, or is proven: there is no progress to lose.
  if (isUngated(active.plan.strategy)) return undefined;
  // What has not begun, because a window or the cap holds all of it, cannot be starved by a newer one in its place. One that
  // stands at the gate of an empty stage can: each newer one would ask anew (I14).
  if (active.status.kind === 'planned' && !isAtGate()) return undefined;
  const inARow = supersedesInARow(state);
  if (!isInFirstStage(active)) return 'it is past its first stage';
  return inARow >= supersedesMax
    ? `${inARow} before it were superseded, so it may end its first stage`
    : undefined;
}

/** A strategy of one stage has no part that is there to be given up. */
function isInFirstStage({ plan, status }: Rollout): boolean {
  return status.kind === 'planned' || (status.stage === 0 && plan.strategy.stages.length > 1);
}

function supersedesInARow({ history }: RolloutState): number {
  const others = history.filter((one) => one.kind !== 'withdraw');
  const end = others.findIndex((one) => one.outcome !== 'superseded');
  return end < 0 ? others.length : end;
}
