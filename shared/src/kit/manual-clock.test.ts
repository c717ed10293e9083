import { expect, test } from 'vitest';
import { manualClock } from './manual-clock.ts';

const never = new AbortController().signal;

test('sleepers wake in order of their time, each at its own moment', async () => {
  const clock = manualClock();
  const seen: string[] = [];
  for (const [name, ms] of [
    ['late', 30],
    ['early', 10],
  ] as const) {
    void clock.sleep(ms, never).then(() => seen.push(`${name}@${clock.nowMs()}`));
  }
  await clock.advance(30);
  expect(seen).toEqual(['early@10', 'late@30']);
});

test('a sleeper that sleeps again within the advance is woken again', async () => {
  const clock = manualClock();
  let rounds = 0;
  void (async () => {
    for (;;) {
      await clock.sleep(10, never);
      rounds += 1;
    }
  })();
  await clock.advance(45);
  expect(rounds).toBe(4);
});

test('an aborted sleep rejects with the reason and is no longer pending', async () => {
  const clock = manualClock();
  const controller = new AbortController();
  const sleep = clock.sleep(10, controller.signal);
  const reason = new Error('enough');
  controller.abort(reason);
  await expect(sleep).rejects.toBe(reason);
  expect(clock.sleeping).toBe(0);
});

test('a test can wait until something sleeps', async () => {
  const clock = manualClock();
  const waiting = clock.sleepers(1);
  void clock.sleep(1, never);
  await waiting;
  expect(clock.sleeping).toBe(1);
});

test('wall time moves along and may jump without moving monotonic time', async () => {
  const clock = manualClock(1_000);
  await clock.advance(5);
  clock.jumpWall(-100);
  expect([clock.nowMs(), clock.wallMs()]).toEqual([5, 905]);
});
