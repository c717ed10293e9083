import { expect, test } from 'vitest';
import { admitStream, fullBucket } from './admission.ts';

/** What becomes of so many streams that come at once. */
function herd(count: number, atMs = 0, state = fullBucket(100, 0)) {
  const delays: number[] = [];
  let admitted = 0;
  let current = state;
  for (let index = 0; index < count; index += 1) {
    const done = admitStream(current, 100, atMs);
    current = done.state;
    if (done.admission.kind === 'admitted') admitted += 1;
    else delays.push(done.admission.retryAfterMs);
  }
  return { state: current, admitted, delays };
}

test('a second’s worth of streams is admitted at once, the others get slots at the same rate', () => {
  const { admitted, delays } = herd(1_000);

  expect(admitted).toBe(100);
  expect(delays[0]).toBe(1_010);
  expect(delays.at(-1)).toBe(10_000);
  expect(new Set(delays).size).toBe(900);
});

test('tokens come back with time, never more than a second’s worth', () => {
  const { state } = herd(500);

  expect(herd(500, 500, state).admitted).toBe(50);
  expect(herd(500, 3_600_000, state).admitted).toBe(100);
});

test('slots are given anew once the queue has passed', () => {
  const { state } = herd(1_000);

  expect(herd(101, 60_000, state).delays).toEqual([1_010]);
});
