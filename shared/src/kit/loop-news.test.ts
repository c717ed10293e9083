import { expect, test } from 'vitest';
import { done, world } from './loop-fixture.ts';
import { manualClock } from './manual-clock.ts';

test('news of a key that rests wakes nobody', async () => {
  const seen: number[] = [];
  const timed = manualClock();
  let sleeps = 0;
  const clock = {
    ...timed,
    sleep: (ms: number, signal: AbortSignal) => {
      sleeps += 1;
      return timed.sleep(ms, signal);
    },
  };
  const { stop, loop } = world({
    clock,
    spacingMs: 100,
    reconcile: async () => {
      seen.push(timed.nowMs());
      return done;
    },
  });
  loop.add('a');
  await timed.advance(0);
  sleeps = 0;
  for (let step = 0; step < 50; step += 1) {
    loop.add('a');
    await timed.advance(1);
  }
  expect(sleeps).toBe(0);
  await timed.advance(50);
  expect(seen).toEqual([0, 100]);
  stop.abort();
  await loop.ended;
});

test('what is not urgent is looked at within its time, sooner when something else asks for it', async () => {
  const seen: number[] = [];
  const { clock, loop, stop } = world({
    reconcile: async () => {
      seen.push(clock.nowMs());
      return done;
    },
  });
  await clock.advance(0);
  loop.addWithin('a', 1_000);
  loop.addWithin('a', 5_000);
  await clock.advance(1_000);
  loop.addWithin('a', 1_000);
  await clock.advance(500);
  loop.add('a');
  await clock.advance(10_000);
  expect(seen).toEqual([1_000, 1_500]);
  stop.abort();
  await loop.ended;
});
