import { formatDurationMs } from '@flotilla/shared/base';
import type { Freshness } from '@flotilla/shared/model';
import type { Cell } from './table.ts';

/** How long ago something was, by the hub's clock: `12s`; '' = never or unknown. */
export function ageOf(atMs: number | undefined, asOfMs: number): string {
  return atMs === undefined ? '' : formatDurationMs(Math.max(0, asOfMs - atMs));
}

/** When a state was last known to be true: `live`, `6m ago`, `never`. */
export function seenCell({ isFresh, asOfMs: atMs }: Freshness, asOfMs: number): Cell {
  if (isFresh) return { text: 'live', tone: 'quiet' };
  if (atMs === undefined) return { text: 'never', tone: 'unknown' };
  return { text: `${ageOf(atMs, asOfMs)} ago`, tone: 'unknown' };
}

/** A point in time, as people write it: `2026-11-23 12:00:05Z`. */
export function timeText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
