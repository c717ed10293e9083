import { limits } from '@flotilla/shared/base';
import { AsyncQueue } from '@flotilla/shared/kit';
import { type Bus, BusError } from '@flotilla/shared/kit/nats';
import type { GossipLine } from '../../ports.ts';

/** Where hub processes speak to each other; account HUB, so no agent can speak or listen there. */
export const gossipSubject = 'flotilla.hub.gossip';

/** Opens the line on a connection to account HUB. */
export function openGossipLine(bus: Bus): GossipLine {
  return {
    tell(payload) {
      try {
        bus.publish(gossipSubject, payload);
        return true;
      } catch (error) {
        if (error instanceof BusError) return false;
        throw error;
      }
    },
    hear: (signal) => hear(bus, signal),
  };
}

async function* hear(bus: Bus, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  signal.throwIfAborted();
  const heard = new AsyncQueue<Uint8Array>();
  const unsubscribe = bus.subscribe(gossipSubject, ({ data }) => {
    // What is left out comes again with the next digest.
    if (heard.size < limits.gossipBacklogMax) heard.push(data);
  });
  const abort = (): void => heard.end(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    yield* heard;
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', abort);
  }
}
