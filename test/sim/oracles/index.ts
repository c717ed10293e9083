/**
 * Who judges, after every message of the log, whether it may stand there: from the messages before it and from the truth of
 * the simulated world, never from a hub's own folds. Named by the invariants of the rollout design. Reading order: judge, waves (failure-budget),
 * gates, plans, take-overs, budget, windows, failures, unwell, silence, epochs; heard (what each hub had when it decided), agents (what they hold), folds (what hubs have folded).
 */
import { keepsBudget } from './budget.ts';
import { adoptsWhatIsHeld, raisesForCause, waitsForConfirmation } from './epochs.ts';
import { failsForCause, haltsForCause, stopsOverBudget } from './failures.ts';
import { approvedFirst, approvesInTime, keepsRejected, rollsBackAll } from './gates.ts';
import type { Judge } from './judge.ts';
import {
  adoptsForCause,
  liftsForCause,
  peopleAgree,
  planChanges,
  planIsWhole,
  removesForCause,
} from './plans.ts';
import { handsOver } from './take-overs.ts';
import { countsUnwell } from './unwell.ts';
import { opensInOrder, opensOnce, passesOnEvidence, standsStill } from './waves.ts';
import { keepsWindows } from './windows.ts';

export { judgeStored } from './agents.ts';
export { watchReports } from './folded-reports.ts';
export { Folds } from './folds.ts';
export { Heard } from './heard.ts';
export type { Judge, Scene } from './judge.ts';
export { judgeSilent } from './silence.ts';

/** All judges of one world. */
export function judges(): readonly Judge[] {
  return [
    opensOnce,
    opensInOrder,
    standsStill,
    passesOnEvidence,
    approvedFirst,
    approvesInTime,
    keepsRejected,
    rollsBackAll,
    planIsWhole,
    planChanges,
    liftsForCause,
    removesForCause,
    peopleAgree,
    adoptsForCause,
    keepsBudget(),
    handsOver,
    keepsWindows,
    failsForCause,
    haltsForCause,
    stopsOverBudget,
    countsUnwell,
    raisesForCause,
    waitsForConfirmation,
    adoptsWhatIsHeld,
  ];
}
