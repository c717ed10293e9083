import type { Presence } from '@flotilla/shared/model';
import { streamTimes } from '@flotilla/shared/model';

/** What a hub process has heard of one cluster since it started; times are monotonic milliseconds. */
export interface Heard {
  readonly isOpen: boolean;
  readonly lastHeardMs: number;
  /** When the last stream ended; meaningless while one is open. */
  readonly endedMs: number;
}

/** What presence is judged against. */
export interface PresenceContext {
  /** Since when this process could have heard of the cluster: its start, or later where another process held its stream. */
  readonly startedMs: number;
  readonly nowMs: number;
  /** Whether any report of the cluster is known: one that never spoke is not offline. */
  readonly hasReported: boolean;
  /** How long nobody is called worse than Suspect after `startedMs`; absent = streamTimes.startGraceMs. */
  readonly startGraceMs?: number;
}

/** A frame, or the stream's opening, was seen. */
export function heardNow(nowMs: number): Heard {
  return { isOpen: true, lastHeardMs: nowMs, endedMs: nowMs };
}

/** The stream ended and no other one is open. */
export function heardEnd(heard: Heard, nowMs: number): Heard {
  return { ...heard, isOpen: false, endedMs: nowMs };
}

/**
 * Connected → Suspect → Disconnected → Lost by the age of what was last heard. A closed stream is Suspect at once. In
 * the first five minutes of a hub process nobody is called worse than Suspect: agents need time to come back.
 */
export function presenceOf(heard: Heard | undefined, context: PresenceContext): Presence {
  const { startedMs, nowMs, hasReported, startGraceMs = streamTimes.startGraceMs } = context;
  if (heard === undefined && !hasReported) return 'never';
  const ageMs = nowMs - (heard?.lastHeardMs ?? startedMs);
  if (heard?.isOpen && ageMs < streamTimes.suspectMs) return 'connected';
  if (ageMs < streamTimes.silentMs || nowMs - startedMs < startGraceMs) return 'suspect';
  return ageMs < streamTimes.lostMs ? 'disconnected' : 'lost';
}

/** Whether the hub process itself seems broken, and since when. */
export interface HubHealth {
  readonly isImpaired: boolean;
  readonly sinceMs: number;
}

/**
 * When more than max(20 %, min(3, all)) of the connected clusters vanish within a minute, the fault is ours. It lasts
 * until most are back, or until those who went are Lost and their absence is their own news.
 */
export function judgeHub(health: HubHealth, clusters: Iterable<Heard>, nowMs: number): HubHealth {
  let connected = 0;
  let justGone = 0;
  let gone = 0;
  for (const heard of clusters) {
    const goneForMs = nowMs - wentAwayMs(heard);
    if (goneForMs < 0) connected += 1;
    else if (goneForMs < streamTimes.lostMs) gone += 1;
    if (goneForMs >= 0 && goneForMs < streamTimes.impairedWindowMs) justGone += 1;
  }
  const isImpaired = health.isImpaired
    ? gone > vanishedMax(connected + gone)
    : justGone > vanishedMax(connected + justGone);
  return isImpaired === health.isImpaired ? health : { isImpaired, sinceMs: nowMs };
}

function vanishedMax(before: number): number {
  return Math.max(0.2 * before, Math.min(3, before));
}

/** When a cluster stops, or stopped, being Connected. */
function wentAwayMs(heard: Heard): number {
  const silentMs = heard.lastHeardMs + streamTimes.suspectMs;
  return heard.isOpen ? silentMs : Math.min(heard.endedMs, silentMs);
}
