import { waitFor } from '../../real/waiting.ts';

/** Deadline of every wait: ten times the budget of the slowest step, because machines are shared. */
export const deadlineMs = 100_000;

/** Waits until something holds on the API server or elsewhere; errors meanwhile count as not yet. */
export async function until<Found>(what: string, look: () => Promise<Found | undefined>): Promise<Found> {
  return await waitFor(what, look, { withinMs: deadlineMs, everyMs: 200 });
}
