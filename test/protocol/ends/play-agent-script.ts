import type { AgentFrame, HubFrame } from '@flotilla/proto/assignment';
import type { HubPeer, RawHub } from '../raw/hub-peer.ts';
import type { AgentScript, AgentStep } from '../scripts/agent-script.ts';
import type { AgentEnd } from './agent-end.ts';
import { until } from './counted.ts';

/** Plays a script against an agent end; throws a sentence with the step when something else happens. */
export async function playAgentScript(script: AgentScript, agent: AgentEnd, hub: RawHub): Promise<void> {
  const player = new Player(agent, hub);
  await player.come({});
  for (const [index, step] of script.steps.entries()) {
    try {
      await player.play(step);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      throw new Error(`step ${index + 1} (${Object.keys(step).join(', ')}): ${text}`);
    }
  }
}

class Player {
  readonly #agent: AgentEnd;
  readonly #hub: RawHub;
  #stream: HubPeer | undefined;
  /** Frames said on this stream. */
  #said = 0;

  constructor(agent: AgentEnd, hub: RawHub) {
    this.#agent = agent;
    this.#hub = hub;
  }

  async play(step: AgentStep): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined) throw new Error('no stream is open');
    if ('say' in step) this.#say(step.say, stream);
    else if ('sayBytes' in step) stream.sendBytes(step.sayBytes);
    else if ('hear' in step) check(step, await nextFrame(stream, step.hear));
    else if ('leaves' in step) await expectEnd(stream);
    else if ('comes' in step) await this.come(step.comes);
    else if ('end' in step) await this.#end(stream);
    else if ('agent' in step) await this.#agent.change(step.agent);
    else if ('silence' in step) await this.#pass(step.silence, stream);
    else if ('beating' in step) await this.#beat(step, stream);
    else if ('durable' in step) {
      const wanted = step.durable.join();
      await until(
        () => this.#agent.durable().join() === wanted,
        `durable ${wanted}; it is ${this.#agent.durable().join()}`,
      );
    } else {
      await until(
        () => this.#agent.told.includes(step.told),
        `told ${step.told}; it told ${this.#agent.told.join('; ')}`,
      );
    }
  }

  /** Takes the next stream, letting time pass until it comes. */
  async come({ afterMs = 0, withinMs = 120_000 }: { readonly afterMs?: number; readonly withinMs?: number }) {
    const next = this.#hub.accept();
    let arrived: HubPeer | undefined;
    let failure: unknown;
    next.then(
      (peer) => {
        arrived = peer;
      },
      (error: unknown) => {
        failure = error;
      },
    );
    const { clock } = this.#agent;
    const startMs = clock.nowMs();
    while (arrived === undefined) {
      if (failure !== undefined) throw failure;
      await turns(10);
      if (arrived !== undefined) break;
      const waitedMs = clock.nowMs() - startMs;
      if (waitedMs < withinMs) await clock.advance(Math.min(250, withinMs - waitedMs));
    }
    const waitedMs = clock.nowMs() - startMs;
    if (waitedMs < afterMs) throw new Error(`the agent came after ${waitedMs} ms, expected ${afterMs}`);
    this.#stream = arrived;
    this.#said = 0;
  }

  async #end(stream: HubPeer): Promise<void> {
    stream.close();
    await until(() => this.#agent.session?.isConnected() === false, 'the agent sees that the stream ended');
  }

  #say(frame: HubFrame, stream: HubPeer): void {
    stream.send(frame);
    this.#said += 1;
  }

  /** Lets time pass; by then the agent has heard all that was said, unless it left. */
  async #pass(ms: number, stream: HubPeer): Promise<void> {
    const { taken } = this.#agent;
    await until(() => taken.count >= this.#said || stream.isOver(), 'the agent hears what was said');
    await this.#agent.clock.advance(ms);
  }

  /** Lets time pass in steps of five seconds; before each the agent has heard the hub. */
  async #beat(step: Extract<AgentStep, { readonly beating: number }>, stream: HubPeer): Promise<void> {
    for (let restMs = step.beating; restMs > 0; restMs -= 5_000) {
      this.#say(step.beat, stream);
      await this.#pass(Math.min(5_000, restMs), stream);
    }
  }
}

/** Real bytes need real time. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function nextFrame(stream: HubPeer, wanted: string): Promise<NonNullable<AgentFrame['frame']>> {
  for (;;) {
    const arrival = await stream.next();
    if (arrival.kind === 'end') throw new Error(`expected ${wanted}, but the agent left`);
    const { frame } = arrival.frame;
    if (frame === undefined) throw new Error('a frame of no kind came');
    if (frame.$case === wanted) return frame;
    if (frame.$case !== 'heartbeat') throw new Error(`expected ${wanted}, but ${frame.$case} came`);
  }
}

function check(
  step: Extract<AgentStep, { readonly hear: string }>,
  frame: NonNullable<AgentFrame['frame']>,
): void {
  // The case of the frame is the one that the step names: nextFrame returns no other.
  const that = step.that as ((value: unknown) => string | undefined) | undefined;
  const complaint = that?.(frame.value);
  if (complaint !== undefined) throw new Error(`expected ${complaint}`);
}

async function expectEnd(stream: HubPeer): Promise<void> {
  for (;;) {
    const arrival = await stream.next();
    if (arrival.kind === 'end') return;
    const kind = arrival.frame.frame?.$case;
    if (kind !== 'heartbeat') throw new Error(`expected the agent to leave, but ${kind} came`);
  }
}
