/** How long is waited, and how often is looked. */
export interface WaitLimits {
  readonly withinMs: number;
  /** Default 100. */
  readonly everyMs?: number;
  /** Why it can never come any more, if that is so: then the wait ends at once with these words. */
  readonly pointless?: () => string | undefined;
}

/**
 * Looks again and again until something holds, and gives what was found: anything but undefined and false. An error
 * meanwhile counts as not yet; the last one is told when the time is over.
 */
export async function waitFor<Found>(
  what: string,
  look: () => Promise<Found | false | undefined> | Found | false | undefined,
  limits: WaitLimits,
): Promise<Found> {
  const startedMs = performance.now();
  let last: unknown;
  while (performance.now() - startedMs < limits.withinMs) {
    const pointless = limits.pointless?.();
    if (pointless !== undefined) throw new Error(`${what}: ${pointless}`);
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, limits.everyMs ?? 100));
  }
  const why = last instanceof Error ? `; last error: ${last.message}` : '';
  throw new Error(`${what}: not within ${Math.round(limits.withinMs / 1_000)} s${why}`);
}
