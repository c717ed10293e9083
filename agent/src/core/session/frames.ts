import { assertNever, type Digest, limits, shortId } from '@flotilla/shared/base';
import type { Delta, HubFrame, Welcome } from '@flotilla/shared/model';
import { protocolVersions, streamTimes } from '@flotilla/shared/model';
import { judgeDelta } from './judge-delta.ts';
import { distrustLink, leaveLink, type StayAway } from './link.ts';
import type { AgentPhase, AgentSessionState } from './state.ts';
import { andThen, type Turn, turn } from './turn.ts';

type Following = Extract<AgentPhase, { readonly kind: 'following' }>;
type Open = Extract<AgentPhase, { readonly kind: 'greeting' | 'following' }>;
type Refused = Extract<HubFrame, { readonly kind: 'refused' }>;
type Heartbeat = Extract<HubFrame, { readonly kind: 'heartbeat' }>;

/** What a frame of the current stream does. Frames that come while we leave change nothing. */
export function takeFrame(state: AgentSessionState, frame: HubFrame, nowMs: number): Turn {
  const { phase } = state;
  switch (phase.kind) {
    case 'greeting':
    case 'following': {
      const heard = { ...phase, lastHeardMs: nowMs };
      return takeOpenFrame({ ...state, phase: heard }, heard, { frame, nowMs });
    }
    case 'waiting':
    case 'opening':
    case 'leaving':
      return turn(state);
    default:
      return assertNever(phase);
  }
}

interface Arrival {
  readonly frame: HubFrame;
  readonly nowMs: number;
}

/** Frames that mean the same before and after Welcome, then the others. */
function takeOpenFrame(state: AgentSessionState, phase: Open, { frame, nowMs }: Arrival): Turn {
  switch (frame.kind) {
    case 'not-ready': {
      const waitMs = Math.min(Math.max(frame.retryAfterMs, streamTimes.backoffBaseMs), limits.peerDelayMsMax);
      return turn(
        { ...state, phase: { ...phase, comeBackAtMs: nowMs + waitMs } },
        { kind: 'note', text: `hub is not ready: ${frame.reason}` },
      );
    }
    case 'drain':
      return beginLeaving(state, phase, { reconnectAfterMs: frame.reconnectAfterMs, nowMs });
    case 'refused':
      return takeRefusal(state, phase, { refused: frame, nowMs });
    case 'heartbeat':
      return takeHeartbeat(state, frame);
    case 'welcome':
      return phase.kind === 'greeting'
        ? takeWelcome(state, phase, { welcome: frame, nowMs })
        : broken(state, 'a second Welcome on one stream', nowMs);
    case 'agreed':
      return phase.kind === 'following'
        ? takeAgreed(state, phase, { digest: frame.heldDigest, nowMs })
        : broken(state, 'Agreed before Welcome', nowMs);
    case 'delta':
      return phase.kind === 'following'
        ? takeDelta(state, phase, { delta: frame.delta, nowMs })
        : broken(state, 'a Delta before Welcome', nowMs);
    default:
      return assertNever(frame);
  }
}

function takeWelcome(
  state: AgentSessionState,
  phase: Open,
  { welcome, nowMs }: { readonly welcome: Welcome; readonly nowMs: number },
): Turn {
  if (welcome.hubId !== state.settings.hubId) {
    const text = `this agent belongs to hub ${state.settings.hubId}; hub ${welcome.hubId} answered`;
    return distrustLink(state, { code: 'WrongHub', text }, nowMs);
  }
  if (!protocolVersions.includes(welcome.protocolVersion)) {
    return broken(state, `Welcome chose protocol version ${welcome.protocolVersion}`, nowMs);
  }
  if (welcome.incarnation > state.incarnation) return renew(state, { known: welcome.incarnation, nowMs });
  return turn(
    {
      ...state,
      epoch: Math.max(state.epoch, welcome.epoch),
      backoffCapMs: capOf(welcome) ?? state.backoffCapMs,
      // The first heartbeat follows at once: until one has named our newest report, nothing we report counts as fresh.
      phase: {
        ...phase,
        kind: 'following',
        welcome,
        lastNonce: 0,
        foldedSeq: 0,
        nextBeatMs: nowMs,
        comeBackAtMs: undefined,
      },
    },
    { kind: 'welcomed', welcome },
  );
}

/** A hub that is told wrong must not make its whole fleet come back in one moment, nor keep it away. */
function capOf({ reconnectCapMs }: Welcome): number | undefined {
  if (reconnectCapMs === undefined) return undefined;
  return Math.min(streamTimes.backoffCapMs, Math.max(streamTimes.backoffCapMinMs, reconnectCapMs));
}

/** Our store began anew or was put back: from the next stream on we are newer than anything that the hub knows. */
export function renew(
  state: AgentSessionState,
  { known, nowMs }: { readonly known: number; readonly nowMs: number },
): Turn {
  const incarnation = Math.max(state.incarnation, known) + 1;
  const text = `the hub knows incarnation ${known} of this cluster: going on as ${incarnation}`;
  return leaveLink({ ...state, incarnation, session: 0 }, text, { kind: 'backoff' }, nowMs);
}

/** Judges the rows, then either has them stored or answers at once when there is nothing to store. */
function takeDelta(
  state: AgentSessionState,
  phase: Following,
  { delta, nowMs }: { readonly delta: Delta; readonly nowMs: number },
): Turn {
  if (state.persisting !== undefined) return broken(state, 'a Delta while one is unacknowledged', nowMs);
  if (delta.nonce !== phase.lastNonce + 1) {
    return broken(state, `Delta ${delta.nonce} after Delta ${phase.lastNonce}`, nowMs);
  }
  const { take, rejected } = judgeDelta(delta, state.held, state.settings);
  const following = { ...phase, lastNonce: delta.nonce, comeBackAtMs: undefined };
  if (take.length === 0) {
    const ack = { nonce: delta.nonce, accepted: [], rejected };
    return turn({ ...state, phase: following }, { kind: 'send', frame: { kind: 'ack', ack } });
  }
  const persisting = { session: state.session, nonce: delta.nonce, rejected };
  return turn({ ...state, phase: following, persisting }, { kind: 'persist', rows: take });
}

function takeAgreed(
  state: AgentSessionState,
  phase: Following,
  { digest, nowMs }: { readonly digest: Digest; readonly nowMs: number },
): Turn {
  const following = { ...phase, comeBackAtMs: undefined };
  if (digest === state.heldDigest) return turn({ ...state, phase: following, isInStep: true });
  const text = `hub agreed to ${shortId(digest)}, held is ${shortId(state.heldDigest)}: saying Hello again`;
  return leaveLink(state, text, { kind: 'backoff' }, nowMs);
}

function takeHeartbeat(state: AgentSessionState, beat: Heartbeat): Turn {
  const { phase } = state;
  const heard = phase.kind === 'following' ? { ...phase, foldedSeq: beat.reportSeq } : phase;
  const next = { ...state, phase: heard, isInStep: beat.desiredDigest === state.heldDigest };
  return beat.wantReport ? turn(next, { kind: 'want-report' }) : turn(next);
}

/** Rows being stored are acknowledged before we go: the hub waits for that for a short while. */
function beginLeaving(
  state: AgentSessionState,
  phase: Open,
  { reconnectAfterMs, nowMs }: { readonly reconnectAfterMs: number; readonly nowMs: number },
): Turn {
  if (state.persisting === undefined) {
    return leaveLink(
      state,
      'the hub asked us to come back',
      { kind: 'exactly', ms: reconnectAfterMs },
      nowMs,
    );
  }
  const { upSinceMs, lastHeardMs, nextBeatMs } = phase;
  const untilMs = nowMs + streamTimes.drainGraceMs;
  return turn({
    ...state,
    phase: {
      kind: 'leaving',
      untilMs,
      reconnectAfterMs,
      upSinceMs,
      lastHeardMs,
      nextBeatMs,
      comeBackAtMs: undefined,
    },
  });
}

function takeRefusal(
  state: AgentSessionState,
  phase: Open,
  { refused, nowMs }: { readonly refused: Refused; readonly nowMs: number },
): Turn {
  const text = `hub refused the stream (${refused.code}): ${refused.text}`;
  const away: StayAway =
    refused.retryAfterMs > 0 ? { kind: 'exactly', ms: refused.retryAfterMs } : { kind: 'backoff' };
  switch (refused.code) {
    case 'RETRY':
    case 'REPLACED':
      return andThen(turn(state, { kind: 'note', text }), (current) => leaveLink(current, text, away, nowMs));
    case 'PROTOCOL':
      return andThen(turn(state, { kind: 'raise', code: 'HubRefused', text }), (current) =>
        leaveLink(current, text, away, nowMs),
      );
    case 'VERSION':
    case 'NOT_REGISTERED':
      return andThen(turn(state, { kind: 'raise', code: 'HubRefused', text }), (current) =>
        leaveLink(current, text, hopelessUnless(away), nowMs),
      );
    case 'FENCED':
      return takeFence(state, phase, { text, away, nowMs });
    default:
      return assertNever(refused.code);
  }
}

/**
 * A Welcome before the fence means that no other stream is alive: only our counters went back, so we become newer.
 * Without it another stream of this cluster is alive, and we must not push it away.
 */
function takeFence(
  state: AgentSessionState,
  phase: Open,
  { text, away, nowMs }: { readonly text: string; readonly away: StayAway; readonly nowMs: number },
): Turn {
  if (phase.kind === 'following') return renew(state, { known: phase.welcome.incarnation, nowMs });
  return andThen(turn(state, { kind: 'raise', code: 'HubRefused', text }), (current) =>
    leaveLink(current, text, hopelessUnless(away), nowMs),
  );
}

function hopelessUnless(away: StayAway): StayAway {
  return away.kind === 'backoff' ? { kind: 'hopeless' } : away;
}

function broken(state: AgentSessionState, text: string, nowMs: number): Turn {
  return distrustLink(state, { code: 'HubProtocol', text: `the hub broke the protocol: ${text}` }, nowMs);
}
