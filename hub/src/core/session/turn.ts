import type { HubFrame, RefusalCode } from '@flotilla/shared/model';
import type { HubSessionOutput, HubSessionState } from './state.ts';

/** A new state and what it asks of the world, in order. */
export interface Turn {
  readonly state: HubSessionState;
  readonly outputs: readonly HubSessionOutput[];
}

/** A state that asks for these outputs. */
export function turn(state: HubSessionState, ...outputs: readonly HubSessionOutput[]): Turn {
  return { state, outputs };
}

/**
 * One turn after the other: the outputs of both, the state of the second. (Not called `then`: a module that exports one
 * is a thenable and cannot be imported dynamically.)
 */
export function andThen(first: Turn, next: (state: HubSessionState) => Turn): Turn {
  const second = next(first.state);
  return { state: second.state, outputs: [...first.outputs, ...second.outputs] };
}

/** Sends one frame. */
export function send(frame: HubFrame): HubSessionOutput {
  return { kind: 'send', frame };
}

/** Ends the stream without a word. */
export function close(state: HubSessionState, reason: string): Turn {
  return turn({ ...state, phase: { kind: 'closed' } }, { kind: 'close', reason });
}

/** Says why, then ends the stream. */
export function refuse(
  state: HubSessionState,
  refusal: { readonly code: RefusalCode; readonly text: string; readonly retryAfterMs?: number },
): Turn {
  const { code, text, retryAfterMs = 0 } = refusal;
  const closed = close(state, `${code}: ${text}`);
  return { ...closed, outputs: [send({ kind: 'refused', code, text, retryAfterMs }), ...closed.outputs] };
}

/** The agent did what the protocol forbids. */
export function refuseProtocol(state: HubSessionState, text: string): Turn {
  const refused = refuse(state, { code: 'PROTOCOL', text });
  return { ...refused, outputs: [{ kind: 'raise', code: 'AgentProtocol', text }, ...refused.outputs] };
}
