import type { EventId } from '@flotilla/shared/base';
import { randomUid } from '@flotilla/shared/kit';
import { type EpochKeeper, startEpoch } from '../loops/index.ts';
import type { Sessions } from '../loops/sessions.ts';
import type { Serving } from './parts.ts';

/** Starts what raises the epoch when the log lost decisions, and writes down again what agents on these streams hold. */
export function keepEpoch(serving: Serving, sessions: Pick<Sessions, 'held'>): EpochKeeper {
  const { actor, bus, clock, loops, options, stopping } = serving;
  return startEpoch(
    {
      fleet: loops.fleet,
      decisions: bus.decisions,
      clock,
      actor,
      // randomUid() makes exactly the text of an event id.
      newEventId: () => randomUid() as EventId,
      held: () => sessions.held(),
      log: options.log.child({ loop: 'epoch' }),
    },
    stopping.signal,
  );
}
