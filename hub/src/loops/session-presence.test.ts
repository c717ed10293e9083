import type { ClusterUid } from '@flotilla/shared/base';
import { streamTimes } from '@flotilla/shared/model';
import { afterEach, describe, expect, test } from 'vitest';
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

function start(world?: TestWorld, streamsPerSecond?: number): RunningHub {
  const hub = startMemoryHub(world, streamsPerSecond);
  running.push(hub);
  return hub;
}

afterEach(async () => {
  for (const hub of running.splice(0)) await hub.stop();
});

const tenUids = Array.from(
  { length: 10 },
  (_, index) => `${'a'.repeat(25)}${'abcdefghij'[index]}` as ClusterUid,
);

describe('presence', () => {
  test('follows the stream: connected, suspect, disconnected, lost, and says what the agent announced', async () => {
    const hub = start();
    await hub.clock.advance(301_000);
    const stream = new MemoryStream();
    await greeted(hub, stream);
    stream.frames.push(beat(7));
    await hub.clock.advance(0);
    hub.world.presence.length = 0;

    await hub.clock.advance(21_000);
    await hub.clock.advance(20_000);
    await hub.clock.advance(870_000);

    expect(hub.world.presence).toEqual(
      ['suspect', 'disconnected', 'lost'].map((presence) => ({
        presence,
        announced: { incarnation: 1, seq: 7 },
      })),
    );
    expect(stream.isClosed).toBe(true);
  });

  test('of a new stream names no report until its agent has named one on it', async () => {
    const hub = start();
    const old = new MemoryStream();
    await greeted(hub, old);
    old.frames.push(beat(7));
    await hub.clock.advance(0);
    const before = hub.sessions.seen(fleet.uid).announced;

    const young = new MemoryStream();
    await greeted(hub, young, 2);

    expect(before).toEqual({ incarnation: 1, seq: 7 });
    expect(hub.sessions.seen(fleet.uid).announced).toBeUndefined();
    young.frames.push(beat(8));
    await hub.clock.advance(0);
    expect(hub.sessions.seen(fleet.uid).announced).toEqual({ incarnation: 1, seq: 8 });
  });

  test('does not flap when a newer stream of the same agent replaces the older one', async () => {
    const hub = start();
    const old = new MemoryStream();
    const young = new MemoryStream();
    await greeted(hub, old);
    hub.world.presence.length = 0;

    await greeted(hub, young, 2);
    await hub.clock.advance(5_000);

    expect(old.sent.at(-1)).toMatchObject({ kind: 'refused', code: 'REPLACED' });
    expect(old.isClosed).toBe(true);
    expect(hub.world.presence).toEqual([]);
    expect(hub.sessions.seen(fleet.uid).presence).toBe('connected');
  });

  test('of a cluster that does not come back after a hub start stays suspect for five minutes', async () => {
    const hub = start();

    await hub.clock.advance(299_000);
    const before = hub.sessions.seen(fleet.uid).presence;
    await hub.clock.advance(2_000);

    expect(before).toBe('suspect');
    expect(hub.world.presence.map((seen) => seen.presence)).toEqual(['suspect', 'disconnected']);
  });

  test('knows how large the fleet is once it has looked, and tells agents how soon they may come back', async () => {
    const hub = start();
    await hub.clock.advance(1_000);
    const stream = new MemoryStream();
    await greeted(hub, stream);

    expect(stream.sent.find((frame) => frame.kind === 'welcome')).toMatchObject({ reconnectCapMs: 5_000 });
  });

  test('of many clusters that vanish at once says that the hub is impaired, once', async () => {
    const uids = tenUids;
    const world = new TestWorld();
    world.uids = uids;
    const hub = start(world);
    const streams = uids.map((uid) => new MemoryStream(uid));
    for (const stream of streams) await greeted(hub, stream);

    for (const stream of streams.slice(0, 8)) stream.hearEnd();
    await hub.clock.advance(5_000);

    expect(world.health).toEqual([true]);
    expect(hub.sessions.health.isImpaired).toBe(true);
  });

  test("is not known after a start until most clusters that had reported are back: silence is nobody's fault before", async () => {
    const world = new TestWorld();
    world.uids = tenUids;
    const hub = start(world);
    await hub.clock.advance(2_000);
    const atFirst = hub.sessions.health.isImpaired;

    for (const uid of tenUids.slice(0, 6)) await greeted(hub, new MemoryStream(uid));
    await hub.clock.advance(2_000);
    const withSix = hub.sessions.health.isImpaired;
    await greeted(hub, new MemoryStream(tenUids[6]));
    await hub.clock.advance(2_000);

    expect([atFirst, withSix, hub.sessions.health.isImpaired]).toEqual([true, true, false]);
    expect(world.health).toEqual([true, false]);
  });

  test('waits after a start neither for clusters that were silent long before, nor for any until they count as Lost', async () => {
    const world = new TestWorld();
    world.uids = tenUids;
    world.onceHeard = () =>
      tenUids.map((uid, index) => ({ uid, reportedAtMs: index < 8 ? 1 : 1 + streamTimes.lostMs }));
    const hub = start(world);
    await hub.clock.advance(2_000);
    expect(hub.sessions.health.isImpaired).toBe(false);

    const other = new TestWorld();
    other.uids = tenUids;
    const deserted = start(other);
    await deserted.clock.advance(streamTimes.lostMs - 2_000);
    expect(deserted.sessions.health.isImpaired).toBe(true);
    await deserted.clock.advance(4_000);
    expect(deserted.sessions.health.isImpaired).toBe(false);
  });

  test('is waited for, too, when the bus has lost what they had reported', async () => {
    const world = new TestWorld();
    world.uids = tenUids;
    world.onceHeard = () => tenUids.map((uid, index) => ({ uid, reportedAtMs: index < 2 ? 9_000_000 : 0 }));
    const hub = start(world);
    await hub.clock.advance(2_000);
    expect(hub.sessions.health.isImpaired).toBe(true);
  });

  test('is not waited for while the process still reads: nobody can be heard before it answers', async () => {
    const world = new TestWorld();
    world.uids = tenUids;
    world.isReady = false;
    const hub = start(world);
    await hub.clock.advance(120_000);
    world.isReady = true;
    await hub.clock.advance(2_000);
    expect(hub.sessions.health.isImpaired).toBe(true);
  });
});
