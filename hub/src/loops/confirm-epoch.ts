import { err, ok, type Result } from '@flotilla/shared/base';
import type { EpochConfirmed } from '@flotilla/shared/model';
import { problemCodes } from '@flotilla/shared/model';
import type { ActionRefusal, RequestedBy } from '../api-port.ts';
import { busAway, starting } from './action-refusals.ts';
import { appendDecision, type DecidingDeps, epochSubject } from './append.ts';

const triesMax = 5;

/** A person has looked at what a raise of the epoch left: rollouts may start again. Counts for the epoch that it names. */
export async function confirmEpoch(
  deps: DecidingDeps,
  request: { readonly epoch: number; readonly by: RequestedBy },
  signal: AbortSignal,
): Promise<Result<EpochConfirmed, ActionRefusal>> {
  if (!deps.fleet.isReady) return err(starting());
  for (let attempt = 0; attempt < triesMax; attempt += 1) {
    const { epoch, lastSeq, unconfirmed } = deps.fleet.epoch;
    if (epoch !== request.epoch) return err(anotherEpoch(request.epoch, epoch));
    if (unconfirmed === undefined) return ok({ epoch });
    try {
      await appendDecision(
        deps,
        {
          subject: epochSubject,
          actor: { kind: 'person', name: request.by.actor, reason: request.by.reason },
          expectedSeq: lastSeq,
          evidence: undefined,
          payload: { kind: 'epoch-confirmed', epoch },
        },
        signal,
      );
    } catch (error) {
      signal.throwIfAborted();
      return err(busAway(error));
    }
  }
  return err(anotherEpoch(request.epoch, deps.fleet.epoch.epoch));
}

function anotherEpoch(asked: number, epoch: number): ActionRefusal {
  return {
    kind: 'conflict',
    code: problemCodes.changedMeanwhile,
    text: `epoch ${asked} was not confirmed: epoch ${epoch} is in force`,
    next: 'flotilla status',
  };
}
