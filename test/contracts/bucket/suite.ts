import type { Bucket } from '@flotilla/hub/ports';
import { expect, test } from 'vitest';

/** One bucket and what a test may do to it. */
export interface BucketWorld extends AsyncDisposable {
  /** Another hub process's view of the same bucket. */
  open(): Promise<Bucket>;
  /** The next write is stored, but the server's answer is lost. Of the handle that was opened last. */
  loseNextAnswer(): void;
  /** The next write never reaches the server. Of the handle that was opened last. */
  loseNextRequest(): void;
  /** kill -9 of the server and a restart. */
  interrupt(): Promise<void>;
}

type MakeWorld = () => Promise<BucketWorld>;

const never = new AbortController().signal;

/** The promises of the Bucket port; run on the real adapter and on the fake. */
export function bucketContract(makeWorld: MakeWorld): void {
  conditions(makeWorld);
  readers(makeWorld);
  losses(makeWorld);
}

async function created(bucket: Bucket, key: string, value = 'one'): Promise<number> {
  const revision = await bucket.put(key, { value }, 0, never);
  if (revision === undefined) throw new Error(`${key} exists`);
  return revision;
}

function conditions(makeWorld: MakeWorld): void {
  test('a record is written, read, replaced and removed by whoever knows its revision', async () => {
    await using world = await makeWorld();
    const bucket = await world.open();
    expect(await bucket.get('eu-1', never)).toBeUndefined();
    const first = await created(bucket, 'eu-1');
    expect(await bucket.get('eu-1', never)).toEqual({
      key: 'eu-1',
      value: { value: 'one' },
      revision: first,
    });
    const second = await bucket.put('eu-1', { value: 'two' }, first, never);
    expect(second).toBeGreaterThan(first);
    expect(await bucket.remove('eu-1', second!, never)).toBe(true);
    expect(await bucket.get('eu-1', never)).toBeUndefined();
  });

  test('a write or removal that knows an older revision changes nothing', async () => {
    await using world = await makeWorld();
    const bucket = await world.open();
    const first = await created(bucket, 'a');
    const second = await bucket.put('a', 2, first, never);
    expect(await bucket.put('a', 3, first, never)).toBeUndefined();
    expect(await bucket.put('a', 3, 0, never)).toBeUndefined();
    expect(await bucket.remove('a', first, never)).toBe(false);
    expect(await bucket.get('a', never)).toMatchObject({ value: 2, revision: second });
  });

  test('a removed record can be made anew, and its old revision is no good any more', async () => {
    await using world = await makeWorld();
    const bucket = await world.open();
    const first = await created(bucket, 'a');
    await bucket.remove('a', first, never);
    expect(await bucket.put('a', 'stale', first, never)).toBeUndefined();
    const again = await created(bucket, 'a', 'new');
    expect(again).toBeGreaterThan(first);
    expect(await bucket.put('a', 'stale', first, never)).toBeUndefined();
  });

  test('of many that create one record exactly one wins', async () => {
    await using world = await makeWorld();
    const buckets = await Promise.all([world.open(), world.open(), world.open()]);
    const outcomes = await Promise.all(
      buckets.flatMap((bucket, index) =>
        [0, 1, 2].map((round) => bucket.put('token', { by: `${index}.${round}` }, 0, never)),
      ),
    );
    const winner = outcomes.findIndex((one) => one !== undefined);
    expect(outcomes.filter((one) => one !== undefined)).toHaveLength(1);
    const entry = await buckets[0]!.get('token', never);
    expect(entry).toMatchObject({
      value: { by: `${Math.floor(winner / 3)}.${winner % 3}` },
      revision: outcomes[winner],
    });
  });
}

function readers(makeWorld: MakeWorld): void {
  test('the list holds every record that exists, sorted by key, beyond one page', async () => {
    await using world = await makeWorld();
    const bucket = await world.open();
    expect(await bucket.list(never)).toEqual([]);
    const keys = Array.from({ length: 300 }, (_, index) => `c-${String(index).padStart(3, '0')}`);
    await Promise.all(keys.map((key) => created(bucket, key)));
    const gone = await bucket.get('c-007', never);
    await bucket.remove('c-007', gone!.revision, never);
    expect((await bucket.list(never)).map((entry) => entry.key)).toEqual(
      keys.filter((key) => key !== 'c-007'),
    );
  });

  test('a watcher gets what exists and what was deleted, says once that it caught up, then every change, also across kill -9', async () => {
    await using world = await makeWorld();
    const bucket = await world.open();
    const first = await created(bucket, 'a');
    const gone = await created(bucket, 'gone');
    await bucket.remove('gone', gone, never);
    const trail: string[] = [];
    const caughtUp = Promise.withResolvers<void>();
    const watching = (async () => {
      for await (const one of (await world.open()).watch(never)) {
        trail.push('kind' in one ? one.kind : `${one.key}=${JSON.stringify(one.value)}`);
        if ('kind' in one) caughtUp.resolve();
        if (trail.length === 6) return;
      }
    })();
    await caughtUp.promise;
    const second = await bucket.put('a', 2, first, never);
    await world.interrupt();
    await created(bucket, 'b');
    await bucket.remove('a', second!, never);
    await watching;
    expect(trail.slice(0, 2).sort()).toEqual(['a={"value":"one"}', 'gone=undefined']);
    expect(trail.slice(2)).toEqual(['caught-up', 'a=2', 'b={"value":"one"}', 'a=undefined']);
  });

  test('an abort rejects with its reason', async () => {
    await using world = await makeWorld();
    const bucket = await world.open();
    const reason = new Error('stop');
    await expect(bucket.get('a', AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(bucket.put('a', 1, 0, AbortSignal.abort(reason))).rejects.toBe(reason);
    const stop = new AbortController();
    const watching = (async () => {
      for await (const _ of bucket.watch(stop.signal)) stop.abort(reason);
    })();
    await expect(watching).rejects.toBe(reason);
  });
}

function losses(makeWorld: MakeWorld): void {
  test.each(['loseNextAnswer', 'loseNextRequest'] as const)(
    '%s: the write is done, once, and known',
    async (loss) => {
      await using world = await makeWorld();
      const bucket = await world.open();
      world[loss]();
      const revision = await created(bucket, 'a');
      world[loss]();
      const second = await bucket.put('a', 'two', revision, never);
      expect(await bucket.get('a', never)).toEqual({ key: 'a', value: 'two', revision: second });
      world[loss]();
      expect(await bucket.remove('a', second!, never)).toBe(true);
    },
  );

  test('what was acknowledged survives kill -9 of the server, and counting by condition loses nothing', async () => {
    await using world = await makeWorld();
    const buckets = [await world.open(), await world.open()];
    const target = 15;
    let done = 0;
    async function count(bucket: Bucket): Promise<void> {
      while (done < target) {
        const entry = await bucket.get('counter', never);
        const value = Number(entry?.value ?? 0) + 1;
        if ((await bucket.put('counter', value, entry?.revision ?? 0, never)) !== undefined) done += 1;
      }
    }
    const counting = Promise.all(buckets.map(count));
    for (const at of [4, 10]) {
      await expect.poll(() => done, { timeout: 30_000, interval: 1 }).toBeGreaterThanOrEqual(at);
      await world.interrupt();
    }
    await counting;
    expect(await buckets[0]!.get('counter', never)).toMatchObject({ value: done });
  });
}
