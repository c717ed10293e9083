/** Figures of a sample, in the sample's unit. */
export interface Summary {
  readonly n: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Sums up a sample by the nearest-rank rule: p99 is the smallest value that at least 99 % are not above. Throws for none. */
export function summarize(sample: readonly number[]): Summary {
  if (sample.length === 0) throw new Error('a sample without values has no figures');
  const sorted = [...sample].sort((left, right) => left - right);
  const rank = (share: number): number =>
    sorted[Math.min(sorted.length, Math.max(1, Math.ceil(share * sorted.length))) - 1] ?? Number.NaN;
  return {
    n: sorted.length,
    min: rank(0),
    p50: rank(0.5),
    p90: rank(0.9),
    p99: rank(0.99),
    max: rank(1),
  };
}

/** `p50 12.3, p99 20.1, max 22 ms (n 60)`. */
export function describeSummary({ n, p50, p99, max }: Summary, unit: string): string {
  return `p50 ${round(p50)}, p99 ${round(p99)}, max ${round(max)} ${unit} (n ${n})`;
}

/** One digit behind the point. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
