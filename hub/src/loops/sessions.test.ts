import type { ClusterUid } from '@flotilla/shared/base';
import { afterEach, describe, expect, test } from 'vitest';
import { assignmentOf, fleet } from '../../../test/protocol/fleet.ts';
import { accept, helloOf } from '../../../test/protocol/hub-driver.ts';
import {
  beat,
  greeted,
  MemoryStream,
  type RunningHub,
  startMemoryHub,
  TestWorld,
} from '../../../test/protocol/memory-hub.ts';

const cart = assignmentOf({ placement: 'cart', seq: 10 });
const shop = assignmentOf({ placement: 'shop', seq: 20 });
const running: RunningHub[] = [];

function start(world?: TestWorld, streamsPerSecond?: number): RunningHub {
  const hub = startMemoryHub(world, streamsPerSecond);
  running.push(hub);
  return hub;
}

afterEach(async () => {
  for (const hub of running.splice(0)) await hub.stop();
});

describe('a thousand streams', () => {
  const uids = Array.from(
    { length: 1_000 },
    (_, index) =>
      index
        .toString(36)
        .padStart(26, 'a')
        .replace(/[0189]/g, 'z') as ClusterUid,
  );

  test('need one timer together, and a decision about one of them costs one look', async () => {
    const distinct = [...new Set(uids)];
    const world = new TestWorld();
    world.uids = distinct;
    const hub = start(world);
    for (const uid of distinct) await greeted(hub, new MemoryStream(uid));
    const readsBefore = world.desiredReads;

    world.change([distinct[5]!]);
    await hub.clock.advance(0);

    expect(hub.sessions.size).toBe(distinct.length);
    expect(distinct.length).toBeGreaterThan(500);
    expect(hub.clock.sleeping).toBe(1);
    expect(world.desiredReads - readsBefore).toBe(1);
  });
});

test('a flood of registrations costs a look at a time, and reads no rows again', async () => {
  const hub = start();
  const stream = new MemoryStream();
  await greeted(hub, stream);
  const readsBefore = hub.world.desiredReads;

  for (let change = 0; change < 500; change += 1) hub.world.change();
  await hub.clock.advance(0);
  hub.world.isReady = false;
  hub.world.change();
  await hub.clock.advance(250);

  expect(hub.world.desiredReads).toBe(readsBefore);
  expect(stream.kinds()).toEqual(['welcome', 'agreed', 'not-ready']);
});

describe('a slow reader', () => {
  test('gets no queue of heartbeats, and the newest rows once it reads again', async () => {
    const world = new TestWorld();
    world.rows = [cart];
    const hub = start(world);
    const stream = new MemoryStream();
    let unblock: () => void = () => {};
    stream.blocked = new Promise((resolve) => {
      unblock = resolve;
    });
    await greeted(hub, stream);

    for (let round = 0; round < 8; round += 1) {
      await hub.clock.advance(10_000);
      stream.frames.push(beat());
    }
    world.rows = [shop];
    world.change([fleet.uid]);
    await hub.clock.advance(0);
    stream.blocked = undefined;
    unblock();
    await hub.clock.advance(0);

    expect(stream.kinds()).toEqual(['welcome', 'delta']);
    stream.frames.push(accept([cart]));
    await hub.clock.advance(0);
    expect(stream.sent.at(-1)).toMatchObject({ kind: 'delta', delta: { nonce: 2, upserts: [shop] } });
  });

  test('that never takes the last word is closed all the same', async () => {
    const hub = start();
    const stream = new MemoryStream();
    stream.blocked = new Promise(() => {});
    await greeted(hub, stream);
    stream.frames.push(helloOf([], { session: 2 }));

    await hub.clock.advance(3_000);

    expect(stream.isClosed).toBe(true);
  });
});

describe('one stream', () => {
  test('whose world breaks a rule is closed, the others live on', async () => {
    const world = new TestWorld();
    const other = `${'b'.repeat(26)}` as ClusterUid;
    world.uids = [fleet.uid, other];
    const hub = start(world);
    const good = new MemoryStream();
    const bad = new MemoryStream(other);
    await greeted(hub, good);
    world.desiredRows = () => {
      throw new Error('a rule was broken');
    };
    await greeted(hub, bad);

    expect(bad.isClosed).toBe(true);
    expect(good.isClosed).toBe(false);
    expect(hub.sessions.size).toBe(1);
  });

  test('over the rate is turned away with a delay and takes no memory', async () => {
    const hub = start(new TestWorld(), 1);
    await greeted(hub, new MemoryStream());
    const late = new MemoryStream();
    await hub.connect(late);

    expect(late.sent).toMatchObject([{ kind: 'refused', code: 'RETRY', retryAfterMs: 2_000 }]);
    expect(late.isClosed).toBe(true);
    expect(hub.sessions.size).toBe(1);
  });
});

test('stopping drains every stream, spread over time, and ends', async () => {
  const hub = start();
  const stream = new MemoryStream();
  await greeted(hub, stream);

  await hub.stop();

  expect(stream.sent.at(-1)).toMatchObject({ kind: 'drain', reason: 'this hub process is stopping' });
  expect(stream.isClosed).toBe(true);
  expect(hub.sessions.size).toBe(0);
});
