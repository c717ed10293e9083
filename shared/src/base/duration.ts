import { err, ok, type Result } from './result.ts';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof unitMs;

/** Reads `30s`, `1h30m`, `500ms`, `14d`: whole numbers, units ms s m h d, at most 366 days. Returns milliseconds. */
export function parseDurationMs(text: string): Result<number, string> {
  const complaint = `${JSON.stringify(text.slice(0, 40))} is not a duration such as 30s, 10m or 1h30m`;
  if (!/^([0-9]{1,9}(ms|s|m|h|d))+$/.test(text)) return err(complaint);
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9]+)(ms|s|m|h|d)/g)) {
    totalMs += Number(amount) * unitMs[unit as Unit];
  }
  return totalMs <= 366 * unitMs.d ? ok(totalMs) : err(`${complaint} of at most 366 days`);
}

/** A short text people read: `850ms`, `12s`, `4m`, `1h30m`, `3d`. Drops what does not matter at that size. */
export function formatDurationMs(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}ms`;
  if (ms < 60_000) return `${Math.floor(ms / 1_000)}s`;
  if (ms < unitMs.h) return twoUnits(ms, 'm', 's', 10);
  if (ms < unitMs.d) return twoUnits(ms, 'h', 'm', 10);
  return twoUnits(ms, 'd', 'h', 10);
}

function twoUnits(ms: number, big: Unit, small: Unit, aloneFrom: number): string {
  const whole = Math.floor(ms / unitMs[big]);
  const rest = Math.floor((ms % unitMs[big]) / unitMs[small]);
  return rest === 0 || whole >= aloneFrom ? `${whole}${big}` : `${whole}${big}${rest}${small}`;
}
