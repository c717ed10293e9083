import type { StatusStream } from '@flotilla/hub/ports';
import type { ClusterUid } from '@flotilla/shared/base';
import { expect, test } from 'vitest';

/** One stream of reports and what a test may do to it. */
export interface StatusStreamWorld extends AsyncDisposable {
  /** Another hub process's view of the same stream. */
  open(): Promise<StatusStream>;
  /** kill -9 of the server and a restart. */
  interrupt(): Promise<void>;
}

type MakeWorld = () => Promise<StatusStreamWorld>;

const never = new AbortController().signal;

/** A cluster uid that is different for each number. */
export function uid(number: number): ClusterUid {
  // 26 characters of the alphabet of uids.
  return `${'a'.repeat(20)}${number
    .toString(6)
    .padStart(6, '0')
    .replace(/[0-5]/g, (digit) => 'bcdefg'[Number(digit)]!)}` as ClusterUid;
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Follows until the condition holds; what was seen, `caught-up` included. */
export async function followUntil(
  stream: StatusStream,
  isEnough: (trail: readonly string[]) => boolean,
): Promise<readonly string[]> {
  const trail: string[] = [];
  for await (const one of stream.follow(never)) {
    trail.push('kind' in one ? one.kind : `${one.uid.slice(20)} ${new TextDecoder().decode(one.payload)}`);
    if (isEnough(trail)) break;
  }
  return trail;
}

function untilCaughtUp(stream: StatusStream): Promise<readonly string[]> {
  return followUntil(stream, (trail) => trail.includes('caught-up'));
}

/** Waits until exactly this is what a new follower gets: a report that the bus has taken is stored a moment later. */
export async function settled(stream: StatusStream, expected: readonly string[]): Promise<void> {
  await expect
    .poll(() => untilCaughtUp(stream), { timeout: 10_000, interval: 5 })
    .toEqual([...expected, 'caught-up']);
}

async function settledInAnyOrder(stream: StatusStream, expected: readonly string[]): Promise<void> {
  const look = async () => (await untilCaughtUp(stream)).slice(0, -1).toSorted();
  await expect.poll(look, { timeout: 10_000, interval: 5 }).toEqual(expected.toSorted());
}

/** How a report shows in what was followed. */
export function named(number: number, text: string): string {
  return `${uid(number).slice(20)} ${text}`;
}

/** The promises of the StatusStream port; run on the real adapter and on the fake. */
export function statusStreamContract(makeWorld: MakeWorld): void {
  lastValues(makeWorld);
  liveValues(makeWorld);
}

function lastValues(makeWorld: MakeWorld): void {
  test('an empty stream is caught up at once', async () => {
    await using world = await makeWorld();
    expect(await untilCaughtUp(await world.open())).toEqual(['caught-up']);
  });

  test('a follower gets the newest report of each cluster and no older one', async () => {
    await using world = await makeWorld();
    const stream = await world.open();
    for (const [number, text] of [
      [1, 'one'],
      [2, 'two'],
      [1, 'three'],
    ] as const) {
      await stream.publish(uid(number), bytes(text), never);
    }
    await settled(stream, [named(2, 'two'), named(1, 'three')]);
  });

  test('a removed cluster is forgotten, the others are not', async () => {
    await using world = await makeWorld();
    const stream = await world.open();
    await stream.publish(uid(1), bytes('one'), never);
    await stream.publish(uid(2), bytes('two'), never);
    await settled(stream, [named(1, 'one'), named(2, 'two')]);
    await stream.purge(uid(1), never);
    await stream.purge(uid(3), never);
    await settled(stream, [named(2, 'two')]);
    await stream.purge(uid(2), never);
    await settled(stream, []);
  });

  test('the newest report survives kill -9 of the server, of a fleet larger than one page', async () => {
    await using world = await makeWorld();
    const stream = await world.open();
    const numbers = Array.from({ length: 600 }, (_, index) => index);
    await Promise.all(numbers.map((number) => stream.publish(uid(number), bytes('old'), never)));
    await Promise.all(numbers.map((number) => stream.publish(uid(number), bytes('new'), never)));
    const newest = numbers.map((number) => named(number, 'new'));
    await settledInAnyOrder(stream, newest);
    await world.interrupt();
    await settledInAnyOrder(await world.open(), newest);
  });
}

function liveValues(makeWorld: MakeWorld): void {
  test('after the last values come new ones, in order, also across kill -9', async () => {
    await using world = await makeWorld();
    const stream = await world.open();
    await stream.publish(uid(1), bytes('one'), never);
    await settled(stream, [named(1, 'one')]);
    let seen = 0;
    const following = followUntil(await world.open(), (trail) => {
      seen = trail.length;
      return trail.length === 5;
    });
    await expect.poll(() => seen).toBe(2);
    await stream.publish(uid(2), bytes('two'), never);
    await expect.poll(() => seen).toBe(3);
    await world.interrupt();
    await publishUntilTaken(stream, uid(3), 'three');
    await stream.publish(uid(1), bytes('four'), never);
    expect(await following).toEqual([
      named(1, 'one'),
      'caught-up',
      named(2, 'two'),
      named(3, 'three'),
      named(1, 'four'),
    ]);
  });

  test('sequence and time of storing are told', async () => {
    await using world = await makeWorld();
    const stream = await world.open();
    await stream.publish(uid(1), bytes('one'), never);
    await stream.publish(uid(1), bytes('two'), never);
    await settled(stream, [named(1, 'two')]);
    for await (const one of stream.follow(never)) {
      expect(one).toMatchObject({ uid: uid(1), seq: 2 });
      if (!('kind' in one)) expect(one.storedAtMs).toBeGreaterThan(1_600_000_000_000);
      break;
    }
  });

  test('an abort rejects with its reason', async () => {
    await using world = await makeWorld();
    const stream = await world.open();
    const reason = new Error('stop');
    const aborted = AbortSignal.abort(reason);
    await expect(stream.publish(uid(1), bytes('x'), aborted)).rejects.toBe(reason);
    await expect(stream.purge(uid(1), aborted)).rejects.toBe(reason);
    const stop = new AbortController();
    const following = (async () => {
      for await (const _ of stream.follow(stop.signal)) stop.abort(reason);
    })();
    await expect(following).rejects.toBe(reason);
  });
}

/** Publishing tries once: while the connection comes back it rejects, and its owner tries again. */
async function publishUntilTaken(stream: StatusStream, cluster: ClusterUid, text: string): Promise<void> {
  await expect
    .poll(
      () =>
        stream.publish(cluster, bytes(text), never).then(
          () => 'taken',
          (error: { readonly retry?: string }) => error.retry,
        ),
      { timeout: 10_000, interval: 5 },
    )
    .toBe('taken');
}
