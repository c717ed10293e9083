import type { AgentFrame, HubFrame } from '@flotilla/shared/model';
import { MemoryAgentStream } from '../fakes/agent-listener.ts';
import type { Chance } from './chance.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How bad a network is. */
export interface Weather {
  /** Longest time that a frame takes. */
  delayMs: number;
  /** Share of frames that vanish, come twice or overtake others though the stream lives on, as no transport should do. */
  wildShare: number;
}

/** What an agent hears of its stream. */
export interface AgentSide {
  receive(frame: HubFrame): void;
  /** Nothing comes after this. */
  down(): void;
}

/** One stream between an agent and a hub process. */
export interface Link {
  readonly stream: MemoryAgentStream;
  send(frame: AgentFrame): void;
  /** The agent ends it: what it sent before arrives first. */
  close(): void;
  /** The network breaks: each side learns it at its own time. */
  cut(): void;
}

/** Makes a stream whose hub side is `stream`. */
export function makeLink(
  uid: MemoryAgentStream['peer'],
  agent: AgentSide,
  world: { readonly time: VirtualTime; readonly chance: Chance; readonly weather: Weather },
): Link {
  const { chance, time, weather } = world;
  const stream = new MemoryAgentStream(uid);
  const last = { toHub: 0, toAgent: 0 };
  let isUp = true;

  function carry(way: 'toAgent' | 'toHub', deliver: () => void): void {
    const isWild = chance.is(weather.wildShare);
    if (isWild && chance.is(0.4)) return;
    const atMs = time.nowMs + chance.next() * weather.delayMs;
    const inOrderMs = isWild ? atMs : Math.max(atMs, last[way]);
    last[way] = Math.max(last[way], inOrderMs);
    time.after(inOrderMs - time.nowMs, deliver);
    if (isWild && chance.is(0.5)) time.after(inOrderMs - time.nowMs + 5, deliver);
  }
  function endAgent(ms: number): void {
    time.after(ms, () => {
      if (!isUp) return;
      isUp = false;
      agent.down();
    });
  }
  const toAgent = (frame: HubFrame) =>
    carry('toAgent', () => {
      if (isUp) agent.receive(frame);
    });
  stream.join({
    frames: { push: toAgent, end: () => {} },
    sent: [],
    hearEnd: () => endAgent(Math.max(0, last.toAgent - time.nowMs) + 1),
  });
  return {
    stream,
    send: (frame) => carry('toHub', () => stream.frames.push(frame)),
    close() {
      isUp = false;
      time.after(Math.max(0, last.toHub - time.nowMs) + 1, () => stream.hearEnd());
    },
    cut() {
      endAgent(chance.next() * weather.delayMs);
      time.after(chance.next() * weather.delayMs * 20, () => stream.break());
    },
  };
}
