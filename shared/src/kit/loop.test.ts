import { expect, test } from 'vitest';
import { assert } from '../base/index.ts';
import { done, world } from './loop-fixture.ts';

test('an added key is looked at, and again only when it is added again', async () => {
  const seen: string[] = [];
  const { clock, stop, loop } = world({
    reconcile: async (key) => {
      seen.push(key);
      return done;
    },
  });
  loop.add('a');
  await clock.advance(10_000);
  loop.add('a');
  await clock.advance(0);
  expect(seen).toEqual(['a', 'a']);
  stop.abort();
  await loop.ended;
});

test('after(ms) brings the key back at that time, or sooner when it is added', async () => {
  const seen: number[] = [];
  const { clock, loop, stop } = world({
    reconcile: async () => {
      seen.push(clock.nowMs());
      return { kind: 'after', ms: 1_000 };
    },
  });
  loop.add('a');
  await clock.advance(1_500);
  loop.add('a');
  await clock.advance(999);
  expect(seen).toEqual([0, 1_000, 1_500]);
  stop.abort();
  await loop.ended;
});

test('a failing key comes back after a backoff that grows, is capped, and starts anew after a success', async () => {
  const seen: number[] = [];
  let isBroken = true;
  const { clock, loop, stop } = world({
    reconcile: async () => {
      seen.push(clock.nowMs());
      if (isBroken) throw new Error('away');
      return done;
    },
  });
  loop.add('a');
  await clock.advance(6_000);
  const gaps = seen.slice(1).map((at, index) => at - seen[index]!);
  expect(gaps[0]).toBeLessThanOrEqual(120);
  expect(gaps.at(-1)).toBeGreaterThan(750);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(1_200);
  isBroken = false;
  await clock.advance(1_300);
  isBroken = true;
  seen.length = 0;
  loop.add('a');
  await clock.advance(121);
  expect(seen.length).toBe(2);
  stop.abort();
  await loop.ended;
});

test('stop(reason) waits for a change, and a broken invariant of one key does not end the loop', async () => {
  const outcomes: string[] = [];
  const { clock, loop, stop } = world({
    reconcile: async (key) => {
      assert(key !== 'broken', 'keys are whole');
      return { kind: 'stop', reason: 'path is missing' };
    },
    onOutcome: (key, outcome) => outcomes.push(`${key} ${outcome.kind}`),
  });
  loop.add('broken');
  loop.add('fine');
  await clock.advance(50);
  expect(outcomes).toEqual(['broken retry', 'fine stop']);
  await clock.advance(60_000);
  expect(outcomes.filter((line) => line === 'fine stop')).toHaveLength(1);
  stop.abort();
  await loop.ended;
});

test('no more keys run at a time than the bound, and never one key twice', async () => {
  let running = 0;
  let most = 0;
  const { clock, loop, stop } = world({
    parallelism: 2,
    reconcile: async (_key, signal) => {
      running += 1;
      most = Math.max(most, running);
      await clock.sleep(100, signal);
      running -= 1;
      return done;
    },
  });
  for (const key of ['a', 'b', 'c', 'a']) loop.add(key);
  await clock.advance(1_000);
  expect([most, running, loop.size]).toEqual([2, 0, 0]);
  stop.abort();
  await loop.ended;
});

test('a key added during its own look runs once more', async () => {
  const seen: string[] = [];
  const { clock, loop, stop } = world({
    reconcile: async (key) => {
      seen.push(key);
      if (seen.length === 1) loop.add(key);
      return done;
    },
  });
  loop.add('a');
  await clock.advance(0);
  expect(seen).toEqual(['a', 'a']);
  stop.abort();
  await loop.ended;
});

test('the end waits for what is running, which sees the abort', async () => {
  const trail: string[] = [];
  const { clock, loop, stop } = world({
    reconcile: async (_key, signal) => {
      try {
        await clock.sleep(60_000, signal);
      } finally {
        trail.push('closed');
      }
      return done;
    },
    onOutcome: () => trail.push('outcome'),
  });
  loop.add('a');
  await clock.sleepers(2);
  stop.abort();
  await loop.ended;
  expect(trail).toEqual(['closed']);
});

test('a full loop says no and takes keys again when there is room', async () => {
  const { clock, loop, stop } = world({ keysMax: 1, reconcile: async () => done });
  expect([loop.add('a'), loop.add('b')]).toEqual([true, false]);
  await clock.advance(0);
  expect(loop.add('b')).toBe(true);
  stop.abort();
  await loop.ended;
});

test('a flood of news about a key costs one look in a while, the first one at once and none lost', async () => {
  const seen: number[] = [];
  const { clock, stop, loop } = world({
    spacingMs: 100,
    reconcile: async () => {
      seen.push(clock.nowMs());
      return done;
    },
  });
  for (let step = 0; step < 30; step += 1) {
    loop.add('a');
    await clock.advance(10);
  }
  await clock.advance(1_000);
  expect(seen.map((atMs) => atMs - seen[0]!)).toEqual([0, 100, 200, 300]);
  loop.add('a');
  await clock.advance(0);
  expect(seen).toHaveLength(5);
  stop.abort();
  await loop.ended;
});

test('a key that rests takes no room from the others', async () => {
  const seen: string[] = [];
  const { clock, stop, loop } = world({
    spacingMs: 100,
    parallelism: 1,
    reconcile: async (key) => {
      seen.push(key);
      return done;
    },
  });
  for (const key of ['a', 'b', 'c']) loop.add(key);
  await clock.advance(0);
  expect(seen).toEqual(['a', 'b', 'c']);
  stop.abort();
  await loop.ended;
});
