import { type ExitCode, exitCodes } from '../exit-code.ts';
import { plural, type RolloutView, unknownOf } from '../output/index.ts';

/** How a look at a rollout ends the program. The worse answer wins; what nobody knows is not well. */
export function verdictOf({ assignments, rollout }: RolloutView): ExitCode {
  const { isPaused, state } = rollout.status;
  if (state === 'Halted' || state === 'Cancelled' || state === 'Superseded') return exitCodes.failed;
  if (isPaused || state === 'Gated') return exitCodes.waiting;
  return unknownOf(assignments).length > 0 ? exitCodes.partial : exitCodes.ok;
}

/** Nothing more comes of it by itself: it has ended, or is halted until a person or a newer release moves it on. */
export function isSettled({ rollout }: RolloutView): boolean {
  return rollout.status.endedAtMs !== undefined || rollout.status.state === 'Halted';
}

/** What keeps a rollout from having succeeded, in clauses. */
export function unmetOf({ assignments, rollout }: RolloutView): readonly string[] {
  const { counts, isPaused, reason, state } = rollout.status;
  const unmet = [`${rollout.metadata.name} is ${state}${isPaused ? ' and paused' : ''}`];
  if (reason !== undefined) unmet.push(reason.text);
  const missing = counts.targets - counts.ready;
  if (missing > 0) unmet.push(`${plural(missing, 'cluster')} of ${counts.targets} not Ready`);
  const unknown = unknownOf(assignments);
  if (unknown.length > 0) unmet.push(`${unknown.length} of them unknown`);
  return unmet;
}
