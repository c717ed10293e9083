import type { HubFrame } from '@flotilla/proto/assignment';
import { type AgentPeer, dialHub, type HubAddress } from '../raw/agent-peer.ts';
import type { HubScript, HubStep } from '../scripts/hub-script.ts';
import { until } from './counted.ts';
import type { HubEnd } from './hub-end.ts';

/** Plays a script against a hub end; throws a sentence with the step when something else happens. */
export async function playHubScript(script: HubScript, hub: HubEnd, address: HubAddress): Promise<void> {
  const streams = new Map<string, AgentPeer>();
  for (const [index, step] of script.steps.entries()) {
    const on = step.on ?? 'a';
    const stream = streams.get(on) ?? dialHub(address);
    streams.set(on, stream);
    try {
      await play(step, stream, hub);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      throw new Error(`step ${index + 1} (${nameOf(step)}): ${text}`);
    }
  }
  for (const stream of streams.values()) stream.close();
}

async function play(step: HubStep, stream: AgentPeer, hub: HubEnd): Promise<void> {
  if ('say' in step) stream.send(step.say);
  else if ('sayBytes' in step) stream.sendBytes(step.sayBytes);
  else if ('hear' in step) check(step, await nextFrame(stream, step.hear));
  else if ('ends' in step) await expectEnd(stream, step.ends);
  else if ('hub' in step) hub.change(step.hub);
  else if ('silence' in step) await beSilent(step.silence, hub);
  else if ('beating' in step) await beat(step, stream, hub);
  else if ('leave' in step) {
    stream.close();
    await until(() => hub.sessions.size === 0, 'the hub sees that the stream ended');
  } else
    await until(
      () => hub.told.includes(step.told),
      `the hub tells ${step.told}; it told ${hub.told.join('; ')}`,
    );
}

/** The next frame, heartbeats passed over unless one is expected. */
async function nextFrame(stream: AgentPeer, wanted: string): Promise<NonNullable<HubFrame['frame']>> {
  for (;;) {
    const arrival = await stream.next();
    if (arrival.kind === 'end')
      throw new Error(`expected ${wanted}, but the stream ended with ${arrival.status}`);
    const { frame } = arrival.frame;
    if (frame === undefined) throw new Error('a frame of no kind came');
    if (frame.$case === wanted) return frame;
    if (frame.$case !== 'heartbeat')
      throw new Error(`expected ${wanted}, but ${JSON.stringify(frame, shorten)} came`);
  }
}

function check(
  step: Extract<HubStep, { readonly hear: string }>,
  frame: NonNullable<HubFrame['frame']>,
): void {
  // The case of the frame is the one that the step names: nextFrame returns no other.
  const that = step.that as ((value: unknown) => string | undefined) | undefined;
  const complaint = that?.(frame.value);
  if (complaint !== undefined) throw new Error(`expected ${complaint}`);
}

async function expectEnd(stream: AgentPeer, wanted: string): Promise<void> {
  for (;;) {
    const arrival = await stream.next();
    if (arrival.kind === 'end') {
      if (arrival.status !== wanted)
        throw new Error(`expected the end ${wanted}, but it was ${arrival.status}`);
      return;
    }
    const kind = arrival.frame.frame?.$case;
    if (kind !== 'heartbeat') throw new Error(`expected the end, but ${kind} came`);
  }
}

/** Lets time pass in steps of five seconds; before each the hub has heard the agent. */
async function beat(
  step: Extract<HubStep, { readonly beating: number }>,
  stream: AgentPeer,
  hub: HubEnd,
): Promise<void> {
  const stepMs = Math.max(5_000, step.beating / 60);
  for (let restMs = step.beating; restMs > 0; restMs -= stepMs) {
    const before = hub.taken.count;
    stream.send(step.beat);
    await until(() => hub.taken.count > before || hub.sessions.size === 0, 'the hub hears the heartbeat');
    await hub.clock.advance(Math.min(stepMs, restMs));
  }
}

/** Lets time pass without a word; the hub has the stream by then. */
async function beSilent(ms: number, hub: HubEnd): Promise<void> {
  await until(() => hub.sessions.size > 0 || hub.taken.count > 0, 'the hub has the stream');
  await hub.clock.advance(ms);
}

function nameOf(step: HubStep): string {
  return Object.entries(step)
    .filter(([key]) => key !== 'that')
    .map(([key, value]) => `${key} ${JSON.stringify(value, shorten)}`.slice(0, 100))
    .join(', ');
}

function shorten(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'string' && value.length > 80 ? `${value.slice(0, 80)}…` : value;
}
