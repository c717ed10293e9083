import { expect, test } from 'vitest';
import { createWorkQueue } from './work-queue.ts';

test('a key is in line once, first come first served', () => {
  const queue = createWorkQueue<string>(10);
  for (const key of ['a', 'b', 'a']) queue.add(key);
  expect([queue.take(), queue.take(), queue.take()]).toEqual(['a', 'b', undefined]);
});

test('a key that is added while it is worked on runs again afterwards, not at the same time', () => {
  const queue = createWorkQueue<string>(10);
  queue.add('a');
  queue.take();
  queue.add('a');
  expect(queue.take()).toBeUndefined();
  queue.finish('a');
  expect(queue.take()).toBe('a');
});

test('of two times the earlier one counts, and adding a key makes its time void', () => {
  const queue = createWorkQueue<string>(10);
  queue.addAt('a', 50);
  queue.addAt('a', 20);
  queue.addAt('a', 90);
  expect(queue.nextDueMs()).toBe(20);
  queue.promote(19);
  expect(queue.take()).toBeUndefined();
  queue.add('a');
  expect(queue.nextDueMs()).toBeUndefined();
});

test('a key that becomes due while it is worked on waits for its worker', () => {
  const queue = createWorkQueue<string>(10);
  queue.add('a');
  queue.take();
  queue.addAt('a', 5);
  queue.promote(5);
  expect(queue.take()).toBeUndefined();
  queue.finish('a');
  expect(queue.take()).toBe('a');
});

test('a full queue takes only keys that it knows', () => {
  const queue = createWorkQueue<string>(2);
  expect([queue.add('a'), queue.addAt('b', 9), queue.add('c'), queue.add('b'), queue.addAt('d', 1)]).toEqual([
    true,
    true,
    false,
    true,
    false,
  ]);
  expect(queue.size).toBe(2);
});

test('only a taken key can be finished', () => {
  const queue = createWorkQueue<string>(2);
  expect(() => queue.finish('a')).toThrow('taken');
});
