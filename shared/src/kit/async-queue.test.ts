import { expect, test } from 'vitest';
import { AsyncQueue } from './async-queue.ts';

async function readAll<Value>(queue: AsyncQueue<Value>): Promise<readonly Value[]> {
  const values: Value[] = [];
  for await (const value of queue) values.push(value);
  return values;
}

test('a queue gives its values in order, waiting for those that come later', async () => {
  const queue = new AsyncQueue<number>();
  queue.push(1);
  const reading = readAll(queue);
  await Promise.resolve();
  queue.push(2);
  queue.push(3);
  queue.end();

  expect(await reading).toEqual([1, 2, 3]);
});

test('a queue that failed gives what came before, then throws', async () => {
  const queue = new AsyncQueue<number>();
  queue.push(1);
  queue.end(new Error('broken'));
  queue.push(2);
  queue.end();
  const seen: number[] = [];

  await expect(
    (async () => {
      for await (const value of queue) seen.push(value);
    })(),
  ).rejects.toThrow('broken');
  expect(seen).toEqual([1]);
});

test('a queue tells its producer when it is empty again', async () => {
  let emptied = 0;
  const queue = new AsyncQueue<number>(() => {
    emptied += 1;
  });
  queue.push(1);
  queue.push(2);
  const reader = queue[Symbol.asyncIterator]();

  await reader.next();
  const before = emptied;
  await reader.next();

  expect(before).toBe(0);
  expect(emptied).toBe(1);
  expect(queue.size).toBe(0);
});
