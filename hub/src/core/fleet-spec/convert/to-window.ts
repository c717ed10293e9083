import { limits } from '@flotilla/shared/base';
import { type Schedule, scheduleOf, spansOf, type WrittenSchedule } from '../../schedule/index.ts';
import type { ChangeWindowSpec } from '../model.ts';
import type { RawWindow } from '../schema/index.ts';
import type { Reading } from './reading.ts';
import { toSelector } from './to-selector.ts';

/** Turns a change window into the model; complains of one that is on never, or for ever. */
export function toWindow({ metadata, spec }: RawWindow, reading: Reading): ChangeWindowSpec {
  const { cron, duration, tz = 'UTC' } = spec.schedule;
  const schedule = { cron, durationMs: duration, timeZone: tz };
  checkSchedule(spec.mode, schedule, reading);
  const exempt = spec.exempt ?? [];
  for (const [index, kind] of exempt.entries()) {
    if (exempt.indexOf(kind) < index)
      reading.complain('DUPLICATE_NAME', ['spec', 'exempt', index], 'is named twice');
  }
  return {
    name: metadata.name,
    at: reading.at([]),
    unsupported: reading.unsupported,
    mode: spec.mode,
    clusters: spec.clusters && toSelector(spec.clusters, ['spec', 'clusters'], reading),
    schedule,
    exempt,
  };
}

/** What the rollout loop cannot hit is no window. */
const shortestMs = 60_000;

function checkSchedule(mode: RawWindow['spec']['mode'], schedule: WrittenSchedule, reading: Reading): void {
  const path = ['spec', 'schedule'];
  if (schedule.durationMs < shortestMs) {
    reading.complain('CONTRADICTION', [...path, 'duration'], 'is shorter than a minute');
    return;
  }
  const read = scheduleOf(schedule);
  // An unknown zone was refused by the schema.
  if (mode === 'allow' || !read.ok || hasEnd(read.value)) return;
  const way = 'to stop changes for now, say hold in a placement or pause its rollout';
  reading.complain('CONTRADICTION', path, `is on without an end, so no change could ever begin; ${way}`);
}

/** Whether it is ever off. Any years tell: rules of calendars and clocks repeat. */
function hasEnd(schedule: Schedule): boolean {
  const untilMs = someDayMs + limits.windowLookMsMax;
  const [first] = spansOf(schedule, someDayMs, untilMs);
  return first === undefined || first.endMs < untilMs;
}

const someDayMs = Date.UTC(2028, 0, 1);
