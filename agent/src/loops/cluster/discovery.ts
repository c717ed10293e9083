import type { Clock } from '@flotilla/shared/base';
import { type KindTable, makeKindTable } from '../../core/index.ts';
import type { KubePort } from '../../kube-port.ts';

/** What the cluster serves, as last read. */
export interface Discovery {
  /** The table of the last successful reading; empty before the first. */
  readonly kinds: KindTable;
  /** Grows with each reading, so that users see whether the table changed under them. */
  readonly generation: number;
  /** Asks the server. Callers at the same time share one request. Rejects with KubeError. */
  refresh(signal: AbortSignal): Promise<void>;
}

/** Makes a discovery that knows nothing yet. */
export function openDiscovery(kube: KubePort, clock: Clock): Discovery {
  let kinds = makeKindTable({ resources: [], failedGroups: [] });
  let generation = 0;
  let running: Promise<void> | undefined;
  let readAtMs = Number.NEGATIVE_INFINITY;

  async function read(signal: AbortSignal): Promise<void> {
    try {
      const startedMs = clock.nowMs();
      kinds = makeKindTable(await kube.discover({ fresh: generation > 0 }, signal));
      generation += 1;
      readAtMs = startedMs;
    } finally {
      running = undefined;
    }
  }

  return {
    get kinds() {
      return kinds;
    },
    get generation() {
      return generation;
    },
    async refresh(signal) {
      const askedAtMs = clock.nowMs();
      // A reading that began before this call may have missed what the caller waits for.
      if (running !== undefined) await running.catch(() => undefined);
      if (readAtMs >= askedAtMs) return;
      running ??= read(signal);
      await running;
    },
  };
}
