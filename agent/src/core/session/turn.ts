import type { AgentSessionOutput, AgentSessionState } from './state.ts';

/** A new state and what it asks of the world, in order. */
export interface Turn {
  readonly state: AgentSessionState;
  readonly outputs: readonly AgentSessionOutput[];
}

/** A state that asks for these outputs. */
export function turn(state: AgentSessionState, ...outputs: readonly AgentSessionOutput[]): Turn {
  return { state, outputs };
}

/**
 * One turn after the other: the outputs of both, the state of the second. (Not called `then`: a module that exports one
 * is a thenable and cannot be imported dynamically.)
 */
export function andThen(first: Turn, next: (state: AgentSessionState) => Turn): Turn {
  const second = next(first.state);
  return { state: second.state, outputs: [...first.outputs, ...second.outputs] };
}
