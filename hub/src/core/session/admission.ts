/** A token bucket for new streams, with a queue that exists only as a number: those turned away get a slot to come back. */
export interface AdmissionState {
  readonly tokens: number;
  /** Streams turned away whose slot has not come yet. */
  readonly queued: number;
  readonly updatedMs: number;
}

/** What becomes of one new stream. */
export type Admission =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'turned-away'; readonly retryAfterMs: number };

/** A full bucket. */
export function fullBucket(perSecond: number, nowMs: number): AdmissionState {
  return { tokens: perSecond, queued: 0, updatedMs: nowMs };
}

/**
 * Takes a token for a new stream. Without one the stream is told to come back in its own slot, so that a herd is spread
 * at exactly the rate at which it can be served, instead of coming back together.
 */
export function admitStream(
  state: AdmissionState,
  perSecond: number,
  nowMs: number,
): { readonly state: AdmissionState; readonly admission: Admission } {
  const gained = (Math.max(0, nowMs - state.updatedMs) / 1_000) * perSecond;
  const tokens = Math.min(perSecond, state.tokens + gained);
  const queued = Math.max(0, state.queued - gained);
  if (tokens >= 1) {
    return { state: { tokens: tokens - 1, queued, updatedMs: nowMs }, admission: { kind: 'admitted' } };
  }
  const retryAfterMs = Math.ceil(((queued + 1) / perSecond) * 1_000) + slotAfterMs;
  return {
    state: { tokens, queued: queued + 1, updatedMs: nowMs },
    admission: { kind: 'turned-away', retryAfterMs },
  };
}

/** Nobody comes back sooner than this: a TLS handshake costs the hub more than the answer. */
const slotAfterMs = 1_000;
