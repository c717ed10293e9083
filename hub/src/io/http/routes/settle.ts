import { FlotillaError, type Result } from '@flotilla/shared/base';
import { problemCodes } from '@flotilla/shared/model';
import type { ActionRefusal, RequestedBy } from '../../../api-port.ts';
import { ApiError, refused } from '../api-error.ts';

/** Until there are users, whoever holds the token is the administrator. */
export function byAdmin(reason: string): RequestedBy {
  return { actor: 'admin', reason };
}

/** Waits for an action. What cannot be stored now is 503 and may be tried again; a defect stays a defect. */
export async function settle<Value>(
  action: Promise<Result<Value, ActionRefusal>>,
  signal: AbortSignal,
): Promise<Value> {
  let outcome: Result<Value, ActionRefusal>;
  try {
    outcome = await action;
  } catch (error) {
    if (signal.aborted) throw outcomeUnknown(error);
    if (error instanceof FlotillaError && error.retry !== 'never') throw notStored(error);
    throw error;
  }
  if (outcome.ok) return outcome.value;
  throw refused(outcome.error);
}

function outcomeUnknown(error: unknown): ApiError {
  const problem = {
    code: problemCodes.busAway,
    text: 'the hub did not hear in time whether this was stored',
    cause: 'the bus did not answer, or the hub is closing',
    stillTrue: 'it was stored whole or not at all; clusters keep what they have',
    next: 'flotilla status',
  };
  return new ApiError(503, problem, error);
}

function notStored(error: FlotillaError): ApiError {
  const problem = {
    code: problemCodes.busAway,
    text: 'the hub cannot store this now',
    cause: error.message,
    stillTrue: 'nothing was changed; clusters keep what they have',
    next: 'flotilla status',
  };
  return new ApiError(503, problem, error);
}
