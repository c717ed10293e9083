import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import { afterEach, describe, expect, test } from 'vitest';
import { memoryGossip } from '../../../test/fakes/index.ts';
import { fleet } from '../../../test/protocol/fleet.ts';
import {
  beat,
  greeted,
  MemoryStream,
  type RunningHub,
  startMemoryHub,
  TestWorld,
} from '../../../test/protocol/memory-hub.ts';

const running: RunningHub[] = [];

/** Two processes of one fleet that hear each other. */
function startTwo() {
  const bus = memoryGossip();
  const [a, b] = ['a', 'b'].map((process) => {
    const line = bus.open();
    const hub = startMemoryHub(new TestWorld(), 10_000, { line, process });
    running.push(hub);
    return { ...hub, line };
  });
  return { bus, a: a!, b: b! };
}

/** Lets both clocks pass. */
async function pass(hubs: readonly RunningHub[], ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1_000) {
    for (const hub of hubs) await hub.clock.advance(Math.min(left, 1_000));
  }
  for (const hub of hubs) await hub.clock.advance(0);
}

afterEach(async () => {
  for (const hub of running.splice(0)) await hub.stop();
});

describe('two hub processes', () => {
  test('both know at once where a stream is and what its agent announced', async () => {
    const { a, b } = startTwo();
    await pass([a, b], 1_000);
    const stream = new MemoryStream();
    await greeted(a, stream);
    stream.frames.push(beat(7));
    await pass([a, b], 1_000);

    expect(b.sessions.seen(fleet.uid)).toEqual({
      presence: 'connected',
      announced: { incarnation: 1, seq: 7 },
    });
    expect(b.world.presence.at(-1)).toMatchObject({ presence: 'connected' });
  });

  test('keep knowing it while nothing changes', async () => {
    const { a, b } = startTwo();
    const stream = new MemoryStream();
    await greeted(a, stream);
    for (let minute = 0; minute < 12; minute += 1) {
      stream.frames.push(beat(7));
      await pass([a, b], 10_000);
    }
    expect(b.sessions.seen(fleet.uid).presence).toBe('connected');
    expect(new Set(b.world.presence.map((seen) => seen.presence))).toEqual(new Set(['suspect', 'connected']));
  });

  test('one that begins later is told soon, not with the next digest', async () => {
    const { bus, a } = startTwo();
    const stream = new MemoryStream();
    await greeted(a, stream);
    stream.frames.push(beat(7));
    await pass(running, 1_000);
    const late = startMemoryHub(new TestWorld(), 10_000, { line: bus.open(), process: 'c' });
    running.push(late);
    await pass(running, 1_000);

    expect(late.sessions.seen(fleet.uid)).toMatchObject({ presence: 'connected', announced: { seq: 7 } });
  });

  test('an agent that moved is replaced at its old process, and does not flap', async () => {
    const { a, b } = startTwo();
    const old = new MemoryStream();
    await greeted(a, old, 1);
    await pass([a, b], 1_000);
    a.world.presence.length = 0;

    await greeted(b, new MemoryStream(), 2);
    await pass([a, b], 1_000);

    expect(old.sent.at(-1)).toMatchObject({ kind: 'refused', code: 'REPLACED' });
    expect(a.world.presence.map((seen) => seen.presence)).not.toContain('suspect');
    expect(a.sessions.seen(fleet.uid).presence).toBe('connected');
  });

  test('an older stream of an agent is fenced by one that another process holds', async () => {
    const { a, b } = startTwo();
    await greeted(a, new MemoryStream(), 5);
    await pass([a, b], 1_000);
    const clone = new MemoryStream();
    await greeted(b, clone, 3);

    expect(clone.sent.at(-1)).toMatchObject({ kind: 'refused', code: 'FENCED' });
  });

  test('one that is cut off makes nobody offline, and what it missed is told when it is back', async () => {
    const { a, b } = startTwo();
    await pass([a, b], 301_000);
    const stream = new MemoryStream();
    await greeted(a, stream);
    await pass([a, b], 1_000);
    b.line.isCut = true;
    b.world.presence.length = 0;
    for (let beats = 0; beats < 180; beats += 1) {
      stream.frames.push(beat(8));
      await pass([a, b], 10_000);
    }
    expect(b.world.presence.map((seen) => seen.presence)).toEqual(['suspect']);
    b.line.isCut = false;
    await pass([a, b], 2_000);

    expect(b.sessions.seen(fleet.uid)).toMatchObject({ presence: 'connected', announced: { seq: 8 } });
  });

  test('a process that dies makes the other one doubt itself, not the clusters', async () => {
    const { a, b } = startTwo();
    await pass([a, b], 301_000);
    await greeted(a, new MemoryStream());
    await pass([a, b], 1_000);
    a.line.isCut = true;
    b.world.presence.length = 0;
    await pass([a, b], 120_000);

    expect(b.world.presence.map((seen) => seen.presence)).toEqual(['suspect']);
    expect(b.world.health).toEqual([true, false]);
  });

  test('a process that stops says so: its streams end because of it', async () => {
    const { a, b } = startTwo();
    await pass([a, b], 301_000);
    await greeted(a, new MemoryStream());
    await pass([a, b], 1_000);
    running.shift();
    await a.stop();
    await pass([b], 1_000);
    expect(b.sessions.seen(fleet.uid).presence).toBe('suspect');
    await pass([b], 200_000);

    expect(b.sessions.seen(fleet.uid).presence).toBe('suspect');
  });

  test('a row that an agent refused to one is known to the other, again with every digest', async () => {
    const { a, b } = startTwo();
    const stream = new MemoryStream();
    await greeted(a, stream);
    const row = {
      placement: 'shop' as PlacementName,
      version: { epoch: 1, seq: 20 },
      code: 'POLICY',
      text: 'no',
    } as const;
    a.world.rejections = () => [row];
    await pass([a, b], 12_000);
    const expected = { kind: 'rejected', rows: [row], isHearsay: true };
    expect(b.world.evidence).toContainEqual(expected);
    b.world.evidence.length = 0;
    await pass([a, b], 12_000);
    expect(b.world.evidence).toContainEqual(expected);
    expect(a.world.evidence).not.toContainEqual(expected);
  });

  test('what is no message of a hub process is counted and changes nothing', async () => {
    const { bus, b } = startTwo();
    bus.open().tell(new TextEncoder().encode('{"format":1'));
    await pass(running, 1_000);
    expect(b.sessions.seen('z'.repeat(26) as ClusterUid).presence).toBeDefined();
  });
});
