import {
  type HubSessionEvent,
  type HubSessionOutput,
  type HubSessionState,
  type HubView,
  judgeNewcomer,
  type KnownStream,
  openHubSession,
  provenClaims,
  stepHubSession,
} from '@flotilla/hub/core';
import type { AgentFrame, Hello, HubFrame, Row } from '@flotilla/shared/model';
import { claimOf, setDigest } from '@flotilla/shared/model';
import { assignmentOf, fleet, macRow } from './fleet.ts';

/** A ready hub that wants nothing. */
export function viewOf(change: Partial<HubView> = {}): HubView {
  return {
    readiness: { kind: 'ready' },
    hubId: fleet.hubId,
    hubVersion: '0.1.0',
    epoch: 1,
    foldedSeq: 100,
    isLogged: () => undefined,
    cluster: { name: fleet.name, labels: { region: 'eu' } },
    report: undefined,
    fleetSize: 24,
    desired: [],
    ...change,
  };
}

/** The Hello of an agent that holds these rows. */
export function helloOf(rows: readonly Row[] = [], change: Partial<Hello> = {}): Hello {
  const held = rows.map(claimOf);
  return {
    kind: 'hello',
    protocolVersions: [1],
    agentVersion: '0.1.0',
    incarnation: 1,
    session: 1,
    hubId: fleet.hubId,
    epoch: 1,
    held,
    heldDigest: setDigest(held),
    kubeSystemUid: '',
    capabilities: [],
    ...change,
  };
}

/** One hub stream, driven by hand. */
export function hubStream(view: HubView, nowMs = 0) {
  let state = openHubSession(7, nowMs);
  let current = view;
  let time = nowMs;
  let wakeAtMs: number | undefined;

  function step(event: HubSessionEvent): readonly HubSessionOutput[] {
    const done = stepHubSession(state, { event, view: current }, time);
    state = done.state;
    wakeAtMs = done.wakeAtMs;
    return done.outputs;
  }
  return {
    get state(): HubSessionState {
      return state;
    },
    get wakeAtMs() {
      return wakeAtMs;
    },
    step,
    hello(hello: Hello, known?: KnownStream) {
      return step({
        kind: 'hello',
        hello,
        proven: provenClaims(fleet.uid, hello.held, macRow),
        fence: judgeNewcomer(known, hello),
      });
    },
    frame: (frame: Exclude<AgentFrame, Hello>) => step({ kind: 'frame', frame }),
    world(change: Partial<HubView>) {
      current = { ...current, ...change };
      return step({ kind: 'world' });
    },
    at(ms: number) {
      time = ms;
      return step({ kind: 'tick' });
    },
    /** Goes from wake to wake, keeping the agent alive. */
    run(ms: number, digest = setDigest([])) {
      const untilMs = time + ms;
      const outputs: HubSessionOutput[] = [];
      while (wakeAtMs !== undefined && wakeAtMs <= untilMs) {
        time = wakeAtMs;
        outputs.push(
          ...step({ kind: 'frame', frame: { kind: 'heartbeat', heldDigest: digest, reportSeq: 0 } }),
        );
        outputs.push(...step({ kind: 'tick' }));
      }
      time = untilMs;
      return outputs;
    },
  };
}

/** The frames among the outputs. */
export function framesOf(outputs: readonly HubSessionOutput[]): readonly HubFrame[] {
  return outputs.flatMap((output) => (output.kind === 'send' ? [output.frame] : []));
}

/** An Ack that accepts these rows. */
export function accept(rows: readonly Row[], nonce = 1): Exclude<AgentFrame, Hello> {
  return {
    kind: 'ack',
    ack: { nonce, accepted: rows.map(({ placement, version }) => ({ placement, version })), rejected: [] },
  };
}

/** Two rows that most tests want. */
export const cart = assignmentOf({ placement: 'cart', seq: 10 });
/** See cart. */
export const shop = assignmentOf({ placement: 'shop', seq: 20 });
