import { assertNever, limits } from '@flotilla/shared/base';
import type { AgentFrame, Hello } from '@flotilla/shared/model';
import { streamTimes } from '@flotilla/shared/model';
import { checkDigest, takeAck, wantedDigest } from './answer.ts';
import { takeHello } from './greet.ts';
import { retryAtMs } from './outstanding.ts';
import { advance, notReady, takeLogEnd } from './serve.ts';
import type {
  AgentPeer,
  HubSessionEvent,
  HubSessionInput,
  HubSessionState,
  HubSessionStep,
  HubView,
} from './state.ts';
import { beatMs, draw } from './state.ts';
import { andThen, close, refuse, refuseProtocol, send, type Turn, turn } from './turn.ts';

/**
 * The hub's end of one assignment stream without any I/O (PROTOCOL.md). Give it everything that happens together with
 * what the process knows, do what it says in order, and tick it at `wakeAtMs`.
 */
export function stepHubSession(
  state: HubSessionState,
  input: HubSessionInput,
  nowMs: number,
): HubSessionStep {
  const { view } = input;
  const done =
    state.phase.kind === 'closed'
      ? turn(state)
      : andThen(takeEvent(state, input, nowMs), (current) => advance(current, view, nowMs));
  return { ...done, wakeAtMs: wakeOf(done.state) };
}

function takeEvent(before: HubSessionState, { event, view }: HubSessionInput, nowMs: number): Turn {
  const state = isHeard(event) ? { ...before, lastHeardMs: nowMs } : before;
  switch (event.kind) {
    case 'hello':
      return takeHello(state, event, view);
    case 'frame':
      return takeFrame(state, event.frame, { view, nowMs });
    case 'undecodable':
      return refuseProtocol(state, event.text);
    case 'tick':
      return passTime(state, view, nowMs);
    case 'world':
      return turn(state);
    case 'log-end':
      return takeLogEnd(state, event.seq);
    case 'replaced':
      return refuse(state, { code: 'REPLACED', text: 'a newer stream of this cluster took over' });
    case 'drain':
      return drain(state, { ...event, nowMs });
    case 'ended':
      return turn({ ...state, phase: { kind: 'closed' } });
    default:
      return assertNever(event);
  }
}

function isHeard(event: HubSessionEvent): boolean {
  return event.kind === 'hello' || event.kind === 'frame';
}

interface Moment {
  readonly view: HubView;
  readonly nowMs: number;
}

function takeFrame(state: HubSessionState, frame: Exclude<AgentFrame, Hello>, moment: Moment): Turn {
  const { phase } = state;
  switch (phase.kind) {
    case 'greeting':
      return refuseProtocol(state, `${frame.kind} before Hello`);
    case 'draining':
      return frame.kind === 'ack' && state.inFlight !== undefined
        ? andThen(takeAck(state, frame.ack, moment.nowMs), (current) => close(current, 'drained'))
        : turn(state);
    case 'holding':
    case 'serving':
      return takeServedFrame(state, frame, { ...moment, peer: phase.peer });
    case 'closed':
      return turn(state);
    default:
      return assertNever(phase);
  }
}

function takeServedFrame(
  state: HubSessionState,
  frame: Exclude<AgentFrame, Hello>,
  { view, nowMs, peer }: Moment & { readonly peer: AgentPeer },
): Turn {
  switch (frame.kind) {
    case 'ack':
      return takeAck(state, frame.ack, nowMs);
    case 'heartbeat': {
      const counted = owed({ ...peer, reportSeq: frame.reportSeq }, view, nowMs);
      return checkDigest(askSoon(withPeer(state, counted), counted, nowMs), frame.heldDigest);
    }
    case 'report': {
      if (frame.report.incarnation !== peer.incarnation) {
        return refuseProtocol(state, `a report of incarnation ${frame.report.incarnation}`);
      }
      if (frame.report.assignments.length > limits.assignmentsPerClusterMax) {
        return refuseProtocol(state, `a report of ${frame.report.assignments.length} assignments`);
      }
      return turn(state, { kind: 'publish-report', report: frame.report });
    }
    default:
      return assertNever(frame);
  }
}

/** Since when the report that the agent named has not been folded. */
function owed(peer: AgentPeer, view: HubView, nowMs: number): AgentPeer {
  const folded = view.report?.incarnation === peer.incarnation ? view.report.seq : 0;
  const owedSinceMs = peer.reportSeq > folded ? (peer.owedSinceMs ?? nowMs) : undefined;
  return { ...peer, owedSinceMs };
}

/** A report that stays away is asked for as soon as it is late, not only with the next heartbeat. */
function askSoon(state: HubSessionState, { owedSinceMs }: AgentPeer, nowMs: number): HubSessionState {
  if (owedSinceMs === undefined) return state;
  const lateMs = owedSinceMs + streamTimes.wantReportAfterMs;
  return nowMs < lateMs && lateMs < state.nextBeatMs ? { ...state, nextBeatMs: lateMs } : state;
}

function withPeer(state: HubSessionState, peer: AgentPeer): HubSessionState {
  const { phase } = state;
  return phase.kind === 'holding' || phase.kind === 'serving'
    ? { ...state, phase: { ...phase, peer } }
    : state;
}

function passTime(state: HubSessionState, view: HubView, nowMs: number): Turn {
  const { phase } = state;
  switch (phase.kind) {
    case 'greeting':
      return nowMs >= phase.untilMs ? refuseProtocol(state, 'no Hello in time') : turn(state);
    case 'draining':
      return nowMs >= phase.untilMs ? close(state, 'drained') : turn(state);
    case 'holding':
    case 'serving':
      return passTimeOpen(state, phase.peer, { view, nowMs });
    case 'closed':
      return turn(state);
    default:
      return assertNever(phase);
  }
}

function passTimeOpen(state: HubSessionState, peer: AgentPeer, { view, nowMs }: Moment): Turn {
  if (nowMs - state.lastHeardMs >= streamTimes.silentMs) return close(state, 'the agent has been silent');
  if (state.inFlight !== undefined && nowMs - state.inFlight.sentAtMs >= streamTimes.ackWithinMs) {
    return refuse(state, {
      code: 'RETRY',
      text: `Delta ${state.inFlight.nonce} was not acknowledged in time`,
    });
  }
  if (nowMs >= state.drainAtMs) {
    const drawn = draw(state);
    const reconnectAfterMs = Math.round(drawn.random.next() * streamTimes.drainSpreadMs);
    return drain(drawn.state, { reconnectAfterMs, reason: 'connection age: rebalancing', nowMs });
  }
  return nowMs >= state.nextBeatMs ? beat(state, peer, { view, nowMs }) : turn(state);
}

/** Heartbeat time. A hub that may not speak repeats NotReady instead. */
function beat(before: HubSessionState, peer: AgentPeer, { view, nowMs }: Moment): Turn {
  const drawn = draw(before);
  const state = { ...drawn.state, nextBeatMs: nowMs + beatMs(drawn.random) };
  if (state.hushed !== undefined) return turn(state, notReady(state.hushed));
  if (state.phase.kind !== 'serving') return turn(state);
  const counted = owed(peer, view, nowMs);
  const wantReport =
    counted.owedSinceMs !== undefined && nowMs - counted.owedSinceMs >= streamTimes.wantReportAfterMs;
  const reportSeq = view.report?.incarnation === peer.incarnation ? view.report.seq : 0;
  const desiredDigest = wantedDigest(state, view);
  return turn(withPeer(state, counted), send({ kind: 'heartbeat', desiredDigest, reportSeq, wantReport }));
}

function drain(
  state: HubSessionState,
  how: { readonly reconnectAfterMs: number; readonly reason: string; readonly nowMs: number },
): Turn {
  if (state.phase.kind === 'draining' || state.phase.kind === 'closed') return turn(state);
  const { reconnectAfterMs, reason, nowMs } = how;
  return turn(
    { ...state, phase: { kind: 'draining', untilMs: nowMs + streamTimes.drainGraceMs } },
    send({ kind: 'drain', reconnectAfterMs, reason }),
  );
}

/** When time alone changes something next. */
function wakeOf(state: HubSessionState): number | undefined {
  const { phase } = state;
  switch (phase.kind) {
    case 'closed':
      return undefined;
    case 'greeting':
    case 'draining':
      return phase.untilMs;
    case 'holding':
    case 'serving':
      return Math.min(
        state.nextBeatMs,
        state.drainAtMs,
        state.lastHeardMs + streamTimes.silentMs,
        nextDeliveryMs(state) ?? Number.POSITIVE_INFINITY,
      );
    default:
      return assertNever(phase);
  }
}

/** When the delta in flight is overdue, or a row that could not be stored is due again. */
function nextDeliveryMs(state: HubSessionState): number | undefined {
  if (state.inFlight !== undefined) return state.inFlight.sentAtMs + streamTimes.ackWithinMs;
  return state.phase.kind === 'serving' && state.hushed === undefined ? retryAtMs(state) : undefined;
}
