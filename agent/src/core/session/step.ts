import { assert, assertNever } from '@flotilla/shared/base';
import type { Ack, RejectedRow, Row } from '@flotilla/shared/model';
import { claimOf, setDigest, streamTimes } from '@flotilla/shared/model';
import { renew, takeFrame } from './frames.ts';
import { beatMs, draw, greetHub, leaveLink, loseLink, openLink } from './link.ts';
import type {
  AgentPhase,
  AgentSessionInput,
  AgentSessionState,
  AgentSessionStep,
  OpenStream,
} from './state.ts';
import { andThen, type Turn, turn } from './turn.ts';

/**
 * The agent's end of the assignment stream without any I/O (PROTOCOL.md). Give it everything that happens, do what it
 * says in order, and tick it at `wakeAtMs`.
 */
export function stepAgentSession(
  state: AgentSessionState,
  input: AgentSessionInput,
  nowMs: number,
): AgentSessionStep {
  const done = andThen(takeInput(state, input, nowMs), (current) => openWhenDue(current, nowMs));
  return { ...done, wakeAtMs: wakeOf(done.state) };
}

function takeInput(state: AgentSessionState, input: AgentSessionInput, nowMs: number): Turn {
  switch (input.kind) {
    case 'tick':
      return passTime({ ...state, reportSeq: input.reportSeq }, nowMs);
    case 'link-up':
      if (input.session !== state.session || state.phase.kind !== 'opening') return turn(state);
      return greetHub(state, nowMs);
    case 'link-down': {
      if (input.session !== state.session || state.phase.kind === 'waiting') return turn(state);
      const away =
        input.retryAfterMs > 0
          ? ({ kind: 'exactly', ms: input.retryAfterMs } as const)
          : ({ kind: 'backoff' } as const);
      return andThen(turn(state, { kind: 'note', text: input.text }), (current) =>
        loseLink(current, away, nowMs),
      );
    }
    case 'frame':
      return input.session === state.session ? takeFrame(state, input.frame, nowMs) : turn(state);
    case 'persisted':
      return takePersisted(state, input, nowMs);
    case 'send-report':
      return state.phase.kind === 'following'
        ? turn(state, { kind: 'send', frame: { kind: 'report', report: input.report } })
        : turn(state);
    default:
      return assertNever(input);
  }
}

/** A new stream is opened only when nothing of an older one is still being stored: Hello must say what is durable. */
function openWhenDue(state: AgentSessionState, nowMs: number): Turn {
  const { phase, persisting } = state;
  const isDue = phase.kind === 'waiting' && nowMs >= phase.untilMs && persisting === undefined;
  return isDue ? openLink(state, nowMs) : turn(state);
}

function passTime(state: AgentSessionState, nowMs: number): Turn {
  const { phase } = state;
  switch (phase.kind) {
    case 'waiting':
      return turn(state);
    case 'opening':
      if (nowMs - phase.sinceMs < streamTimes.openWithinMs) return turn(state);
      return leaveLink(state, 'the stream did not open in time', { kind: 'backoff' }, nowMs);
    case 'greeting':
    case 'following':
      return passTimeOpen(state, phase, nowMs);
    case 'leaving':
      return nowMs >= phase.untilMs ? goAway(state, phase.reconnectAfterMs, nowMs) : turn(state);
    default:
      return assertNever(phase);
  }
}

function passTimeOpen(
  state: AgentSessionState,
  phase: Extract<AgentPhase, { readonly kind: 'greeting' | 'following' }>,
  nowMs: number,
): Turn {
  if (nowMs - phase.lastHeardMs >= streamTimes.silentMs) {
    return leaveLink(state, 'the hub has been silent', { kind: 'backoff' }, nowMs);
  }
  if (phase.comeBackAtMs !== undefined && nowMs >= phase.comeBackAtMs) {
    return leaveLink(state, 'the hub did not become ready', { kind: 'backoff' }, nowMs);
  }
  // The hub has a report of this incarnation that we have not made: our store began anew, and only the sessions counted on.
  const isBehind = phase.kind === 'following' && state.reportSeq > 0 && phase.foldedSeq > state.reportSeq;
  if (isBehind) return renew(state, { known: state.incarnation, nowMs });
  if (nowMs < phase.nextBeatMs) return turn(state);
  if (state.reportSeq === 0 && nowMs - phase.upSinceMs < streamTimes.heartbeatMs) {
    // An agent that has just started: a heartbeat that names no report would let its last run's count as fresh.
    return turn({ ...state, phase: { ...phase, nextBeatMs: nowMs + streamTimes.firstReportLookMs } });
  }
  const drawn = draw(state);
  const { heldDigest, reportSeq } = state;
  return turn(
    { ...drawn.state, phase: { ...phase, nextBeatMs: nowMs + beatMs(drawn.random) } },
    { kind: 'send', frame: { kind: 'heartbeat', heldDigest, reportSeq } },
  );
}

/** Rows became durable, or did not: from here they count, and the delta they came with is answered if it still can be. */
function takePersisted(
  state: AgentSessionState,
  done: { readonly stored: readonly Row[]; readonly failed: readonly RejectedRow[] },
  nowMs: number,
): Turn {
  const { persisting } = state;
  assert(persisting !== undefined, 'rows are only stored when the machine asked for it');
  const held = new Map(state.held);
  for (const row of done.stored) held.set(row.placement, claimOf(row));
  const next: AgentSessionState = {
    ...state,
    held,
    heldDigest: setDigest(held.values()),
    epoch: done.stored.reduce((epoch, row) => Math.max(epoch, row.version.epoch), state.epoch),
    persisting: undefined,
  };
  if (!isOpen(state.phase) || persisting.session !== state.session) return turn(next);
  const ack: Ack = {
    nonce: persisting.nonce,
    accepted: done.stored.map(({ placement, version }) => ({ placement, version })),
    rejected: [...persisting.rejected, ...done.failed],
  };
  const answered = turn(next, { kind: 'send', frame: { kind: 'ack', ack } });
  const { phase } = state;
  if (phase.kind !== 'leaving') return answered;
  return andThen(answered, (current) => goAway(current, phase.reconnectAfterMs, nowMs));
}

function goAway(state: AgentSessionState, reconnectAfterMs: number, nowMs: number): Turn {
  return leaveLink(state, 'the hub asked us to come back', { kind: 'exactly', ms: reconnectAfterMs }, nowMs);
}

function isOpen(phase: AgentPhase): phase is AgentPhase & OpenStream {
  return phase.kind === 'greeting' || phase.kind === 'following' || phase.kind === 'leaving';
}

/** When time alone changes something next. */
function wakeOf({ phase, persisting }: AgentSessionState): number | undefined {
  switch (phase.kind) {
    case 'waiting':
      return persisting === undefined ? phase.untilMs : undefined;
    case 'opening':
      return phase.sinceMs + streamTimes.openWithinMs;
    case 'greeting':
    case 'following':
      return Math.min(
        phase.nextBeatMs,
        phase.lastHeardMs + streamTimes.silentMs,
        phase.comeBackAtMs ?? Number.POSITIVE_INFINITY,
      );
    case 'leaving':
      return phase.untilMs;
    default:
      return assertNever(phase);
  }
}
