/** Looks again and again until something holds. */
export async function waitFor<Found>(
  what: string,
  look: () => Promise<Found | undefined>,
  limits: { readonly withinMs: number; readonly everyMs?: number },
): Promise<Found> {
  const startedMs = performance.now();
  let last: unknown;
  while (performance.now() - startedMs < limits.withinMs) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, limits.everyMs ?? 100));
  }
  const why = last instanceof Error ? `; last error: ${last.message}` : '';
  throw new Error(`${what}: not within ${Math.round(limits.withinMs / 1_000)} s${why}`);
}
