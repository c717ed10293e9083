import { type BackoffBounds, backoffMs, type Random } from '@flotilla/shared/base';

/** When something begins and ends to be valid, wall-clock milliseconds. */
export interface Life {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Where in a life it is renewed: at half, ± 10 % of the life, so that a fleet that joined together does not renew together. */
const half = 0.5;
const spread = 0.1;
/** A clock that runs far ahead sees every new identity past its half: never more often than this part of a life. */
const pauseFraction = 0.05;
/** A failed renewal is tried again at least four times before the end, however near it is. */
const triesLeft = 4;
const retryBounds: BackoffBounds = { baseMs: 5_000, capMs: 300_000 };
const retryMsMin = 500;

/** The moment at which the first of several lives is to be renewed. `drawn` is in [0, 1); the same draw gives the same moment. */
export function renewalDueMs(lives: readonly Life[], drawn: number): number {
  const share = half - spread + 2 * spread * drawn;
  return Math.min(
    ...lives.map(({ notBeforeMs, notAfterMs }) => notBeforeMs + (notAfterMs - notBeforeMs) * share),
  );
}

/** The least pause after a successful renewal: a part of the shortest life. */
export function renewalPauseMs(lives: readonly Life[]): number {
  return Math.min(...lives.map(({ notBeforeMs, notAfterMs }) => notAfterMs - notBeforeMs)) * pauseFraction;
}

/** The first end of several lives. */
export function firstEndMs(lives: readonly Life[]): number {
  return Math.min(...lives.map(({ notAfterMs }) => notAfterMs));
}

/**
 * How long to wait after the `failures`-th failure in a row (from 1): growing, but short enough for a few more tries
 * before the end. A hub that asks for more patience (`askedMs`) gets it.
 */
export function renewalRetryMs(
  {
    failures,
    endMs,
    nowMs,
    askedMs,
  }: {
    readonly failures: number;
    readonly endMs: number;
    readonly nowMs: number;
    readonly askedMs: number;
  },
  random: Random,
): number {
  const growingMs = backoffMs(failures - 1, retryBounds, random);
  // After the end every try may be the one that works again, at the usual pace.
  const leftMs = endMs > nowMs ? (endMs - nowMs) / triesLeft : retryBounds.capMs;
  return Math.max(askedMs, retryMsMin, Math.min(growingMs, leftMs));
}
