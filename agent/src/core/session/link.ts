import { fullJitterMs, jitter, limits, type Random, seededRandom } from '@flotilla/shared/base';
import type { Hello } from '@flotilla/shared/model';
import { protocolVersions, streamTimes } from '@flotilla/shared/model';
import type { AgentAlarm, AgentSessionState, OpenStream } from './state.ts';
import { andThen, type Turn, turn } from './turn.ts';

/**
 * waiting → opening: a new session number, saved before the link is opened. It is kept until a hub is told of it: while no hub
 * can be reached an agent tries often, and each number costs a write that has to be durable.
 */
export function openLink(state: AgentSessionState, nowMs: number): Turn {
  const session = state.isSessionUsed ? state.session + 1 : state.session;
  return turn(
    {
      ...state,
      session,
      isSessionUsed: false,
      phase: { kind: 'opening', sinceMs: nowMs },
      isInStep: undefined,
    },
    { kind: 'open', incarnation: state.incarnation, session },
  );
}

/** opening → greeting: Hello says all that is durable, because the hub is not assumed to remember anything. */
export function greetHub(state: AgentSessionState, nowMs: number): Turn {
  const drawn = draw(state);
  const stream: OpenStream = {
    upSinceMs: nowMs,
    lastHeardMs: nowMs,
    nextBeatMs: nowMs + beatMs(drawn.random),
    // Heartbeats alone do not make a stream: a hub that lost our Hello or its Welcome would hold us for ever.
    comeBackAtMs: nowMs + streamTimes.silentMs,
  };
  return turn(
    { ...drawn.state, isSessionUsed: true, phase: { kind: 'greeting', ...stream } },
    { kind: 'send', frame: helloOf(state) },
  );
}

function helloOf(state: AgentSessionState): Hello {
  const { settings } = state;
  return {
    kind: 'hello',
    protocolVersions,
    agentVersion: settings.agentVersion,
    incarnation: state.incarnation,
    session: state.session,
    hubId: settings.hubId,
    epoch: state.epoch,
    held: [...state.held.values()],
    heldDigest: state.heldDigest,
    kubeSystemUid: settings.kubeSystemUid,
    capabilities: settings.capabilities,
  };
}

/** How long to stay away: our own backoff, what the hub said, or seldom because only a person can help. */
export type StayAway =
  | { readonly kind: 'backoff' }
  | { readonly kind: 'exactly'; readonly ms: number }
  | { readonly kind: 'hopeless' };

/** any open phase → waiting, for a link that the other side or the network ended. */
export function loseLink(state: AgentSessionState, away: StayAway, nowMs: number): Turn {
  const attempt = wasStable(state, nowMs) ? 0 : state.attempt;
  const drawn = draw({ ...state, attempt });
  const delayMs = delayOf(away, { attempt, capMs: state.backoffCapMs }, drawn.random);
  return turn({
    ...drawn.state,
    attempt: away.kind === 'exactly' ? attempt : attempt + 1,
    phase: { kind: 'waiting', untilMs: nowMs + delayMs },
    isInStep: undefined,
  });
}

/** any open phase → waiting, for a link that we end. */
export function leaveLink(state: AgentSessionState, reason: string, away: StayAway, nowMs: number): Turn {
  return andThen(turn(state, { kind: 'close', reason }), (current) => loseLink(current, away, nowMs));
}

/** any open phase → waiting, because the hub broke the protocol or is not ours. */
export function distrustLink(
  state: AgentSessionState,
  alarm: { readonly code: AgentAlarm; readonly text: string },
  nowMs: number,
): Turn {
  const away: StayAway = alarm.code === 'WrongHub' ? { kind: 'hopeless' } : { kind: 'backoff' };
  return andThen(turn(state, { kind: 'raise', ...alarm }), (current) =>
    leaveLink(current, alarm.text, away, nowMs),
  );
}

/** The next draw of chance: the same state gives the same draw. */
export function draw(state: AgentSessionState): {
  readonly state: AgentSessionState;
  readonly random: Random;
} {
  const random = seededRandom(state.settings.seed + state.draws);
  return { state: { ...state, draws: state.draws + 1 }, random };
}

/** Time to the next heartbeat. */
export function beatMs(random: Random): number {
  return Math.round(jitter(streamTimes.heartbeatMs, streamTimes.heartbeatJitter, random));
}

function delayOf(
  away: StayAway,
  { attempt, capMs }: { readonly attempt: number; readonly capMs: number },
  random: Random,
): number {
  switch (away.kind) {
    case 'exactly':
      return Math.min(Math.max(0, away.ms), limits.peerDelayMsMax);
    case 'hopeless':
      return Math.round(jitter(streamTimes.hopelessMs, 1 / 3, random));
    case 'backoff':
      return fullJitterMs(attempt, { baseMs: streamTimes.backoffBaseMs, capMs }, random);
    default:
      return away satisfies never;
  }
}

/** Only a stream that stayed up resets the backoff, or a hub that ends streams at once would be hammered. */
function wasStable({ phase }: AgentSessionState, nowMs: number): boolean {
  return 'upSinceMs' in phase && nowMs - phase.upSinceMs >= streamTimes.stableUpMs;
}
