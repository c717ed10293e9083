import {
  type SimulatedCluster,
  type SimulatedClusterOptions,
  startSimulatedCluster,
} from '@flotilla/agent/io/kube-simulated';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import type { ContractWorld, Needs } from './world.ts';

const stepMs = 50;
const bookmarkMs = 4_000;
/** Virtual time that a condition may take. */
const deadlineMs = 60_000;

/** A world on a simulated cluster whose time only the cases move. */
export function simulatedWorld(
  needs: Needs,
  options: Partial<SimulatedClusterOptions> = {},
): ContractWorld & { readonly cluster: SimulatedCluster } {
  const clock = manualClock();
  const cluster = startSimulatedCluster({
    clock,
    controllers: needs === 'controllers',
    bookmarkMs,
    ...options,
  });
  const port = cluster.portAs('contract-user');
  return {
    cluster,
    port,
    async until(what, condition) {
      for (let waitedMs = 0; waitedMs <= deadlineMs; waitedMs += stepMs) {
        if (await condition()) return;
        await clock.advance(stepMs);
      }
      throw new Error(`${what} did not happen within ${deadlineMs} ms of virtual time`);
    },
    async close() {
      await port.close();
      await cluster.close();
    },
  };
}
