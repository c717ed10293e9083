/** Bounds how often calls are looked at: together, and from each source. */
export interface RateBound {
  /** Takes one call; undefined = go on, else the milliseconds after which to come again. */
  take(source: string, nowMs: number): number | undefined;
}

/** How many calls a second, and how many sources are remembered. */
export interface RateBoundOptions {
  readonly perSecond: number;
  readonly perSecondFromOne: number;
  readonly sourcesMax: number;
}

/** A token bucket that holds up to two seconds' worth. */
interface Level {
  readonly left: number;
  readonly atMs: number;
}

const burstS = 2;

/** Makes a bound with all buckets full. The source that was seen longest ago is forgotten first. */
export function createRateBound(options: RateBoundOptions): RateBound {
  const sources = new Map<string, Level>();
  let all: Level | undefined;
  return {
    take(source, nowMs) {
      const one = refilled(sources.get(source), options.perSecondFromOne, nowMs);
      const together = refilled(all, options.perSecond, nowMs);
      const waitMs = Math.max(waitFor(one, options.perSecondFromOne), waitFor(together, options.perSecond));
      if (waitMs > 0) return Math.ceil(waitMs);
      // Deleted first, so that the map's order is the order of use.
      sources.delete(source);
      sources.set(source, { left: one.left - 1, atMs: nowMs });
      all = { left: together.left - 1, atMs: nowMs };
      if (sources.size > options.sourcesMax) forgetOldest(sources);
      return undefined;
    },
  };
}

function refilled(level: Level | undefined, perSecond: number, nowMs: number): Level {
  const full = perSecond * burstS;
  if (level === undefined) return { left: full, atMs: nowMs };
  return { left: Math.min(full, level.left + ((nowMs - level.atMs) / 1_000) * perSecond), atMs: nowMs };
}

function waitFor(level: Level, perSecond: number): number {
  return level.left >= 1 ? 0 : ((1 - level.left) / perSecond) * 1_000;
}

function forgetOldest(sources: Map<string, Level>): void {
  for (const source of sources.keys()) {
    sources.delete(source);
    return;
  }
}
