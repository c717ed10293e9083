import { formatDurationMs, limits } from '@flotilla/shared/base';
import type { JudgedReply } from './check-reply.ts';
import type { CheckAnswer } from './evidence.ts';

/** How far one process is with one question. All times are monotonic milliseconds of that process. */
export interface Asking {
  /** When this process began to ask: what counts for the check's timeout, so that no outage of a hub fails a check. */
  readonly startedMs: number;
  readonly tries: number;
  readonly answer: CheckAnswer;
  /** When to try again; means nothing once there is an answer. */
  readonly nextAtMs: number;
}

/** Nobody was asked yet; the first try is now. */
export function beginAsking(nowMs: number): Asking {
  return { startedMs: nowMs, tries: 0, answer: { kind: 'asking', text: '' }, nextAtMs: nowMs };
}

/** How long the next try may take: to the end of the timeout, but long enough to be answered at all. */
export function tryMs({ startedMs }: Asking, timeoutMs: number, nowMs: number): number {
  const leftMs = startedMs + timeoutMs - nowMs;
  return Math.min(limits.checkTryMs, Math.max(leastTryMs, leftMs));
}

const leastTryMs = 1_000;

/**
 * What a try came to. A check fails by time only right after a try without an answer that ended past its timeout: a
 * process that slept meanwhile asks once more before it says so.
 */
export function afterTry(
  asking: Asking,
  said: JudgedReply,
  at: { readonly nowMs: number; readonly timeoutMs: number; readonly pauseMs: number },
): Asking {
  const tries = asking.tries + 1;
  if (said.kind === 'passed' || said.kind === 'failed') {
    return { ...asking, tries, answer: { kind: said.kind, text: said.text } };
  }
  const endMs = asking.startedMs + at.timeoutMs;
  const often = tries === 1 ? 'asked once' : `asked ${tries} times`;
  if (at.nowMs >= endMs) {
    const text = `no answer within ${formatDurationMs(at.timeoutMs)}, ${often}; at last: ${said.text}`;
    return { ...asking, tries, answer: { kind: 'failed', text } };
  }
  const pauseMs = Math.min(limits.checkPauseMsMax, at.pauseMs);
  const nextAtMs = Math.min(at.nowMs + pauseMs, endMs);
  return { ...asking, tries, answer: { kind: 'asking', text: `${said.text}, ${often}` }, nextAtMs };
}
