import { setFlagsFromString } from 'node:v8';
import type { Fleet } from '../loops/index.ts';

/** A shorter log is read before it matters. */
const decisionsMin = 1_000;
const flag = '--heap-growing-percent';

/** How Node was started, and what sets one of its flags. */
interface Engine {
  readonly execArgv: readonly string[];
  readonly setFlag: (text: string) => void;
}

/**
 * Lets the heap grow as the engine would by itself while a long log is read. Of a history everything that is folded stays: a heap
 * that is collected after each 30 % more, which saves memory in a hub at rest (hubRuntime of the build), marks the same again
 * and again, a third of what a start costs with 1,000 placements on 1,000 clusters. Nothing is changed where Node was started
 * without that bound, or the log is short.
 */
export function growWhileReading(
  fleet: Pick<Fleet, 'isReady' | 'onFolded' | 'onReady'>,
  { execArgv, setFlag }: Engine = { execArgv: process.execArgv, setFlag: setFlagsFromString },
): void {
  const bound = execArgv.find((one) => one.startsWith(`${flag}=`));
  if (bound === undefined) return;
  let decisions = 0;
  const stopCounting = fleet.onFolded.add(() => {
    decisions += 1;
    if (decisions === decisionsMin && !fleet.isReady) setFlag(`${flag}=0`);
  });
  const stopWaiting = fleet.onReady.add(() => {
    stopCounting();
    stopWaiting();
    if (decisions >= decisionsMin) setFlag(bound);
  });
}
