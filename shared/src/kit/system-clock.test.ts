import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { systemClock } from './system-clock.ts';

test('a sleep that is aborted before or during it rejects with the reason', async () => {
  const reason = new Error('stop');
  await expect(systemClock().sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  const controller = new AbortController();
  const sleep = systemClock().sleep(60_000, controller.signal);
  controller.abort(reason);
  await expect(sleep).rejects.toBe(reason);
});

test('a sleep of no time or less ends', async () => {
  await systemClock().sleep(0, new AbortController().signal);
  await systemClock().sleep(-5, new AbortController().signal);
});

test('monotonic time does not go back', () => {
  const clock = systemClock();
  const first = clock.nowMs();
  expect(clock.nowMs()).toBeGreaterThanOrEqual(first);
});

test('a sleep that has ended leaves no listener behind', async () => {
  const { signal } = new AbortController();
  await systemClock().sleep(1, signal);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
