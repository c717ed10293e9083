import type { StatusSink } from '@flotilla/agent/ports';
import { BusError } from '@flotilla/shared/kit/nats';
import type { Report } from '@flotilla/shared/model';

/** An agent's way to the bus in memory. */
export interface MemoryStatusSink extends StatusSink {
  /** Reports that the bus took, oldest first. */
  readonly published: readonly Report[];
  /** While false, publishing rejects with BUS_AWAY. */
  isBusUp: boolean;
}

/** Makes a sink on a bus that is up. Reports are added to `published`, so that they outlive a sink. */
export function memoryStatusSink(published: Report[] = []): MemoryStatusSink {
  let isBusUp = true;
  let isClosed = false;
  return {
    published,
    get isBusUp() {
      return isBusUp;
    },
    set isBusUp(isUp) {
      isBusUp = isUp;
    },
    get isConnected() {
      return isBusUp && !isClosed;
    },
    async publish(report, signal) {
      signal.throwIfAborted();
      if (!isBusUp || isClosed) throw new BusError('BUS_AWAY', 'publish the report: the bus is away');
      published.push(structuredClone(report));
    },
    async close() {
      isClosed = true;
    },
  };
}
