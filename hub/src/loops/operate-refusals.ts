import type { Reasoned } from '@flotilla/shared/model';
import { type ProblemCode, problemCodes } from '@flotilla/shared/model';
import type { ActionRefusal, RolloutRequest } from '../api-port.ts';

/** How a reason of the core is told: which HTTP status it means, its code, and the command that helps. */
interface RefusalWords {
  readonly kind: ActionRefusal['kind'];
  readonly code: ProblemCode;
  readonly next: (placement: string) => string;
}

const seeStatus = (placement: string) => `flotilla rollout status ${placement}`;
const seeAssignments = (placement: string) => `flotilla get assignments --field placement=${placement}`;
const seeHistory = (placement: string) => `flotilla history ${placement}`;

/** Every code with which the core refuses an operation. */
export const refusalWords: { readonly [code: string]: RefusalWords } = {
  NotRunning: { kind: 'conflict', code: problemCodes.rolloutNotRunning, next: seeStatus },
  SeveralRun: { kind: 'conflict', code: problemCodes.severalRun, next: seeStatus },
  UnknownStage: { kind: 'invalid', code: problemCodes.stageUnknown, next: seeStatus },
  NothingToApprove: { kind: 'conflict', code: problemCodes.nothingToApprove, next: seeStatus },
  NothingSoaks: { kind: 'conflict', code: problemCodes.nothingSoaks, next: seeStatus },
  Withdraw: { kind: 'invalid', code: problemCodes.withdrawalLeavesOut, next: seeStatus },
  NotTarget: {
    kind: 'invalid',
    code: problemCodes.notATarget,
    next: seeAssignments,
  },
  Ready: {
    kind: 'conflict',
    code: problemCodes.readyAlready,
    next: seeAssignments,
  },
  NotTheLast: { kind: 'conflict', code: problemCodes.notTheLastChange, next: seeHistory },
  NothingToRetry: { kind: 'conflict', code: problemCodes.nothingToRetry, next: seeStatus },
  NoStable: { kind: 'conflict', code: problemCodes.noStableRelease, next: seeHistory },
  NothingToUndo: {
    kind: 'conflict',
    code: problemCodes.nothingToUndo,
    next: (placement) => `flotilla rollout abort ${placement}`,
  },
  NothingHeld: { kind: 'conflict', code: problemCodes.noDeletesHeld, next: seeAssignments },
  NothingUrgent: { kind: 'conflict', code: problemCodes.nothingUrgent, next: seeStatus },
  ReasonMissing: {
    kind: 'invalid',
    code: problemCodes.reasonMissing,
    next: (placement) => `flotilla rollout urgent ${placement} --reason TEXT`,
  },
  PruneChanged: { kind: 'conflict', code: problemCodes.heldListChanged, next: seeAssignments },
  PruneUnknown: { kind: 'conflict', code: problemCodes.heldListUnknown, next: seeAssignments },
  PlanTooLarge: { kind: 'conflict', code: problemCodes.planTooLarge, next: seeStatus },
  Absent: {
    kind: 'conflict',
    code: problemCodes.placementLeft,
    next: (placement) => `flotilla describe placement ${placement}`,
  },
};

/** What the core's reason becomes. A code without words is a defect: a test compares them with the core's sources. */
export function refusalFor(
  { operation, target }: RolloutRequest,
  placement: string,
  reason: Reasoned,
): ActionRefusal {
  const words = refusalWords[reason.code];
  return {
    kind: words?.kind ?? 'conflict',
    code: words?.code ?? problemCodes.rolloutNotRunning,
    text: `cannot ${operation.verb} ${target.kind} ${target.name}`,
    cause: reason.text,
    stillTrue: 'nothing was decided',
    next: words?.next(placement) ?? seeStatus(placement),
  };
}

/** The placement moved on since the caller looked. */
export function sequenceOld(request: RolloutRequest, placement: string, lastSeq: number): ActionRefusal {
  return {
    kind: 'conflict',
    code: problemCodes.sequenceOld,
    text: `cannot ${request.operation.verb} ${request.target.kind} ${request.target.name}: it is not as you saw it any more`,
    cause: `expected sequence ${request.expectedSeq}, the decisions of ${placement} are at ${lastSeq}`,
    stillTrue: 'nothing was decided',
    next: seeStatus(placement),
  };
}

/** Others decided each time that this was about to. */
export function tooManyConflicts(request: RolloutRequest, placement: string, tries: number): ActionRefusal {
  return {
    kind: 'conflict',
    code: problemCodes.changedMeanwhile,
    text: `cannot ${request.operation.verb} ${request.target.kind} ${request.target.name}: other decisions came first ${tries} times`,
    next: seeStatus(placement),
  };
}

/** Nothing has the name that the caller gave. */
export function unknownName(kind: 'placement' | 'rollout' | 'cluster', name: string): ActionRefusal {
  const codes = {
    placement: problemCodes.placementUnknown,
    rollout: problemCodes.rolloutUnknown,
    cluster: problemCodes.clusterUnknown,
  } as const;
  return {
    kind: 'not-found',
    code: codes[kind],
    text: `there is no ${kind} ${JSON.stringify(name.slice(0, 140))}`,
    stillTrue: 'nothing was decided',
    next: `flotilla get ${kind}s`,
  };
}
