import { describeError, errorCode } from '@flotilla/shared/base';
import { problemCodes } from '@flotilla/shared/model';
import type { ActionRefusal } from '../api-port.ts';

/** The hub cannot speak for the fleet yet. */
export function starting(): ActionRefusal {
  return {
    kind: 'unavailable',
    code: problemCodes.hubStarting,
    text: 'the hub is still reading its log',
    next: 'try again in a moment',
  };
}

/** The log did not take a decision. */
export function busAway(error: unknown, stillTrue = 'nothing was decided'): ActionRefusal {
  return {
    kind: 'unavailable',
    code: problemCodes.busAway,
    text: 'the decision could not be written',
    cause: `${errorCode(error) ?? ''} ${describeError(error)}`.trim(),
    stillTrue,
    next: 'flotilla status',
  };
}
