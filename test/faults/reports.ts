import type { PlacementName } from '@flotilla/shared/base';
import type { AgentEngine } from '../real/agent-engine/index.ts';
import { waitFor } from '../real/waiting.ts';

/** Longest pause between two attempts of a failing assignment (the product's numbers): by then it has gone on by itself. */
export const backoffCapMs = 300_000;

const readyWithinMs = 120_000;

/** Waits until an assignment is Ready at a row. */
export async function untilReady(engine: AgentEngine, placement: PlacementName, seq: number): Promise<void> {
  const isReady = () => {
    const report = engine.report(placement);
    return report?.version.seq === seq && report.state === 'Ready';
  };
  await waitFor(`${placement} is Ready at ${seq}`, isReady, { withinMs: readyWithinMs, everyMs: 50 }).catch(
    (error: Error) => {
      throw new Error(`${error.message}; it says ${JSON.stringify(engine.report(placement))}`);
    },
  );
}

/** How long it took until all were Ready, and what is broken when that was longer than the longest backoff. */
export async function measureReady(
  engine: AgentEngine,
  placements: readonly PlacementName[],
): Promise<{ readonly tookMs: number; readonly broken: readonly string[] }> {
  const startedMs = performance.now();
  const open = () => placements.filter((placement) => engine.report(placement)?.state !== 'Ready');
  const limits = { withinMs: 1.2 * backoffCapMs, everyMs: 50 };
  await waitFor('all Ready again', () => open().length === 0, limits).catch(() => undefined);
  const tookMs = Math.round(performance.now() - startedMs);
  const broken = open().map(
    (placement) => `${placement} is not Ready again: ${JSON.stringify(engine.report(placement))}`,
  );
  const isLate = broken.length === 0 && tookMs > backoffCapMs;
  return { tookMs, broken: isLate ? [`all Ready only ${tookMs} ms after the end of the faults`] : broken };
}

/** Waits until an assignment says a reason, and names the words that it does not say. */
export async function untilSaid(
  engine: AgentEngine,
  { placement, seq }: { readonly placement: PlacementName; readonly seq: number },
  wanted: { readonly reason: string; readonly words: readonly string[] },
): Promise<readonly string[]> {
  const look = () => {
    const report = engine.report(placement);
    return report?.version.seq === seq && report.reason === wanted.reason ? report : undefined;
  };
  const limits = { withinMs: readyWithinMs, everyMs: 20 };
  const report = await waitFor(`${placement} says ${wanted.reason}`, look, limits).catch(() => undefined);
  if (report === undefined)
    return [`${placement} does not say ${wanted.reason}: ${JSON.stringify(engine.report(placement))}`];
  return wanted.words
    .filter((word) => !report.text.includes(word))
    .map((word) => `${placement} does not say ${JSON.stringify(word)}: ${report.text}`);
}
