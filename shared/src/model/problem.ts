/**
 * Every code that a person can meet in the command line or the API. Stable: a code keeps its meaning for ever, and each
 * has an entry in hub/cli/ERRORS.md (a test compares them). 1xxx the command line itself, 2xxx the request,
 * 3xxx what was named, 4xxx an action that was refused, 5xxx the hub cannot do it now.
 */
export const problemCodes = {
  usage: 'FLT-1001',
  noHubKnown: 'FLT-1002',
  tokenUnreadable: 'FLT-1003',
  hubUnreachable: 'FLT-1004',
  notAFlotillaHub: 'FLT-1005',
  confirmationNeeded: 'FLT-1006',
  timedOut: 'FLT-1007',
  notInTime: 'FLT-1008',
  localUnreadable: 'FLT-1009',
  anotherPlan: 'FLT-1010',
  waitFailed: 'FLT-1011',
  waitsForPerson: 'FLT-1012',
  cliDefect: 'FLT-1099',

  notAuthorised: 'FLT-2001',
  wrongHost: 'FLT-2002',
  unknownPath: 'FLT-2003',
  invalidRequest: 'FLT-2004',
  invalidSelector: 'FLT-2005',
  continueInvalid: 'FLT-2006',
  bodyTooLarge: 'FLT-2007',
  tooManyReaders: 'FLT-2008',

  clusterUnknown: 'FLT-3001',
  placementUnknown: 'FLT-3002',
  assignmentUnknown: 'FLT-3003',
  rolloutUnknown: 'FLT-3004',
  revisionUnknown: 'FLT-3005',

  clusterNameTaken: 'FLT-4001',
  commitNotWaiting: 'FLT-4002',
  changedMeanwhile: 'FLT-4003',
  tooManyTokens: 'FLT-4004',
  rolloutNotRunning: 'FLT-4005',
  nothingSoaks: 'FLT-4006',
  notATarget: 'FLT-4007',
  readyAlready: 'FLT-4008',
  withdrawalLeavesOut: 'FLT-4009',
  notTheLastChange: 'FLT-4010',
  nothingToRetry: 'FLT-4011',
  noStableRelease: 'FLT-4012',
  nothingToUndo: 'FLT-4013',
  placementLeft: 'FLT-4014',
  sequenceOld: 'FLT-4015',
  stageUnknown: 'FLT-4016',
  nothingToApprove: 'FLT-4017',
  planTooLarge: 'FLT-4018',
  noDeletesHeld: 'FLT-4019',
  heldListChanged: 'FLT-4020',
  heldListUnknown: 'FLT-4021',
  nothingUrgent: 'FLT-4022',
  reasonMissing: 'FLT-4023',
  severalRun: 'FLT-4024',

  hubStarting: 'FLT-5001',
  busAway: 'FLT-5002',
  gitUnreadable: 'FLT-5003',
  hubDefect: 'FLT-5099',
} as const;

/** One of the documented codes. */
export type ProblemCode = (typeof problemCodes)[keyof typeof problemCodes];

/** Why something could not be done, as people read it: what failed, why, what is still true, what to type next. */
export interface Problem {
  readonly code: ProblemCode;
  /** What failed, on which cluster, placement or object. */
  readonly text: string;
  /** The first cause. */
  readonly cause?: string | undefined;
  /** What still holds and what happens next. */
  readonly stillTrue?: string | undefined;
  /** One command. */
  readonly next?: string | undefined;
}
