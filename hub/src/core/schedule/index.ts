/**
 * Times that repeat on the clocks of a zone: what change windows are made of. Pure; knows nothing of clusters.
 * Reading order: civil (days of the calendar), cron (how times are written), zone (what clocks show), spans (when it is on).
 */
export { utcText } from './civil.ts';
export { type Cron, parseCron } from './cron.ts';
export { type Schedule, type Span, scheduleOf, spansOf, type WrittenSchedule } from './spans.ts';
export { type Zone, zoneOf } from './zone.ts';
