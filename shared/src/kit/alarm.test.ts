import { expect, test } from 'vitest';
import { Alarm } from './alarm.ts';
import { manualClock } from './manual-clock.ts';

function world() {
  const clock = manualClock();
  const alarm = new Alarm(clock);
  const woken: number[] = [];
  const wait = (untilMs: number) => void alarm.waitUntil(untilMs).then(() => woken.push(clock.nowMs()));
  return { clock, alarm, woken, wait };
}

test('wakes at the time, or when it rings, and at once when it rang before the wait', async () => {
  const { alarm, clock, wait, woken } = world();
  wait(50);
  await clock.advance(100);
  alarm.reset();
  wait(1_000);
  await clock.advance(10);
  alarm.ring();
  await clock.advance(0);
  wait(1_000);
  await clock.advance(0);
  expect(woken).toEqual([50, 110, 110]);
  alarm.close();
});

test('calls a sleep off only for an earlier one, so that thousands of rings cost none', async () => {
  const { alarm, clock, wait, woken } = world();
  for (let ring = 0; ring < 1_000; ring += 1) {
    alarm.reset();
    wait(5_000 + ring);
    alarm.ring();
    await Promise.resolve();
  }
  expect(clock.sleeping).toBe(1);
  alarm.reset();
  wait(100);
  await clock.advance(100);
  expect(woken.at(-1)).toBe(100);
  alarm.close();
});

test('keeps a program awake that has nothing to do, with one sleep, until it is closed', async () => {
  const { alarm, clock, wait } = world();
  for (let idle = 0; idle < 3; idle += 1) {
    wait(Number.POSITIVE_INFINITY);
    alarm.ring();
    await clock.advance(0);
    alarm.reset();
  }
  expect(clock.sleeping).toBe(1);
  alarm.close();
  expect(clock.sleeping).toBe(0);
});
