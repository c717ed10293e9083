import {
  type AgentSessionInput,
  type AgentSessionOutput,
  type AgentSessionState,
  startAgentSession,
  stepAgentSession,
} from '@flotilla/agent/core';
import type { AgentFrame, Delta, HubFrame, RejectedRow, Row, Welcome } from '@flotilla/shared/model';
import { fleet } from './fleet.ts';

/** The Welcome of the tests' hub. */
export function welcomeOf(change: Partial<Welcome> = {}): Welcome {
  return {
    kind: 'welcome',
    protocolVersion: 1,
    hubId: fleet.hubId,
    epoch: 1,
    incarnation: 1,
    clusterName: fleet.name,
    hubVersion: '0.1.0',
    clusterLabels: {},
    capabilities: [],
    reconnectCapMs: undefined,
    ...change,
  };
}

/** A delta with these rows. */
export function deltaOf(rows: readonly Row[], change: Partial<Delta> = {}): HubFrame {
  return {
    kind: 'delta',
    delta: {
      nonce: 1,
      upserts: rows.filter((row) => row.kind === 'assignment'),
      removals: rows.filter((row) => row.kind === 'removal'),
      malformed: [],
      isComplete: true,
      ...change,
    },
  };
}

/** One agent's machine, driven by hand. */
export function agentMachine(rows: readonly Row[] = [], capabilities: readonly string[] = []) {
  let nowMs = 0;
  const settings = {
    hubId: fleet.hubId,
    agentVersion: '0.1.0',
    kubeSystemUid: 'kube',
    capabilities,
    seed: 1,
  };
  let state = startAgentSession(settings, { rows, incarnation: 1, session: 0 }, nowMs);
  let wakeAtMs: number | undefined = 0;

  function step(input: AgentSessionInput): readonly AgentSessionOutput[] {
    const done = stepAgentSession(state, input, nowMs);
    state = done.state;
    wakeAtMs = done.wakeAtMs;
    return done.outputs;
  }
  function tick(): readonly AgentSessionOutput[] {
    return step({ kind: 'tick', reportSeq: 0 });
  }
  function frame(hubFrame: HubFrame): readonly AgentSessionOutput[] {
    return step({ kind: 'frame', session: state.session, frame: hubFrame });
  }
  return {
    get state(): AgentSessionState {
      return state;
    },
    get wakeAtMs() {
      return wakeAtMs;
    },
    get nowMs() {
      return nowMs;
    },
    step,
    frame,
    /** Time passes without a tick. */
    wait(ms: number) {
      nowMs += ms;
    },
    at(ms: number) {
      nowMs = ms;
      return tick();
    },
    /** Goes to the next wake. */
    next() {
      nowMs = Math.max(nowMs, wakeAtMs ?? nowMs);
      return tick();
    },
    /** Opens a stream; Hello is among the outputs. */
    connect() {
      nowMs = Math.max(nowMs, wakeAtMs ?? nowMs);
      tick();
      return step({ kind: 'link-up', session: state.session });
    },
    /** Opens a stream and has it accepted. */
    follow(welcome: Welcome = welcomeOf()) {
      this.connect();
      return frame(welcome);
    },
    lose: (retryAfterMs = 0) =>
      step({ kind: 'link-down', session: state.session, text: 'broken', retryAfterMs }),
    stored: (done: readonly Row[], failed: readonly RejectedRow[] = []) =>
      step({ kind: 'persisted', stored: done, failed }),
  };
}

/** The frames among the outputs. */
export function sentBy(outputs: readonly AgentSessionOutput[]): readonly AgentFrame[] {
  return outputs.flatMap((output) => (output.kind === 'send' ? [output.frame] : []));
}

/** The kinds of the outputs, in order. */
export function kindsOf(outputs: readonly AgentSessionOutput[]): readonly string[] {
  return outputs.map((output) => output.kind);
}
