import type { GitId } from '@flotilla/shared/base';
import { expect, test } from 'vitest';
import { batchTreesMax, FetchBatches, type TreeBatch } from './fetch-batches.ts';

const commit = 'c'.repeat(40) as GitId;
const tree = (name: string) => name.padEnd(40, '0') as GitId;
const never = new AbortController().signal;

/** A server that answers when it is told to, and keeps what it was asked. */
function world() {
  const asked: TreeBatch[] = [];
  const open: { readonly resolve: (value: string) => void; readonly reject: (error: unknown) => void }[] = [];
  const signals: AbortSignal[] = [];
  const batches = new FetchBatches<string, string>((_source, batch, signal) => {
    asked.push(batch);
    signals.push(signal);
    const { promise, ...answer } = Promise.withResolvers<string>();
    open.push(answer);
    return promise;
  });
  const repository = {};
  return {
    asked,
    open,
    signals,
    names: () => asked.map(({ treeIds }) => treeIds.map((id) => id.replace(/0+$/, ''))),
    want: (
      names: readonly string[],
      about: { readonly commit?: GitId; readonly signal?: AbortSignal } = {},
    ) =>
      batches.fetch(
        { repository, source: names.join(), commit: about.commit ?? commit, treeIds: names.map(tree) },
        about.signal ?? never,
      ),
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

test('who comes while trees of the commit are fetched is served by one request with the others', async () => {
  const { names, open, turn, want } = world();
  const first = want(['a']);
  const others = [want(['b']), want(['c', 'a']), want(['b'])];
  await turn();
  expect(names()).toEqual([['a']]);
  open[0]?.resolve('one');
  expect(await first).toBe('one');
  await turn();
  expect(names()).toEqual([['a'], ['b', 'c', 'a']]);
  open[1]?.resolve('two');
  expect(await Promise.all(others)).toEqual(['two', 'two', 'two']);
});

test('another commit does not wait', async () => {
  const { names, want, turn } = world();
  void want(['a']);
  void want(['b'], { commit: 'd'.repeat(40) as GitId });
  await turn();
  expect(names()).toEqual([['a'], ['b']]);
});

test('after a request for many has failed everybody gets the answer to what it asked alone', async () => {
  const { names, open, turn, want } = world();
  const first = want(['a']);
  const good = want(['b']);
  const bad = want(['c']);
  open[0]?.resolve('one');
  await first;
  await turn();
  open[1]?.reject(new Error('refused: c'));
  await turn();
  expect(names()).toEqual([['a'], ['b', 'c'], ['b'], ['c']]);
  open[2]?.resolve('b alone');
  open[3]?.reject(new Error('refused: c alone'));
  expect(await good).toBe('b alone');
  await expect(bad).rejects.toThrow('refused: c alone');
});

test('who goes away is served nothing and holds up nobody; when all have gone the request ends', async () => {
  const { names, open, signals, turn, want } = world();
  const [one, two, three] = [new AbortController(), new AbortController(), new AbortController()];
  const first = want(['a'], { signal: one.signal });
  const second = want(['b'], { signal: two.signal });
  const third = want(['c'], { signal: three.signal });
  two.abort(new Error('gone'));
  await expect(second).rejects.toThrow('gone');
  expect(signals[0]?.aborted).toBe(false);
  one.abort(new Error('gone too'));
  await expect(first).rejects.toThrow('gone too');
  expect(signals[0]?.aborted).toBe(true);
  open[0]?.reject(new Error('aborted'));
  await turn();
  expect(names()).toEqual([['a'], ['c']]);
  open[1]?.resolve('served');
  expect(await third).toBe('served');
});

test('a request asks for no more than a server is asked at once, however many wait', async () => {
  const { asked, open, turn, want } = world();
  const first = want(['first']);
  const others = Array.from({ length: batchTreesMax + 5 }, (_, index) => want([`t${index}x`]));
  for (let index = 0; index < 3; index += 1) {
    await turn();
    open[index]?.resolve('served');
  }
  await Promise.all([first, ...others]);
  expect(asked.map(({ treeIds }) => treeIds.length)).toEqual([1, batchTreesMax, 5]);
});

test('nothing is asked for a caller that has gone already, and nothing is kept when all are served', async () => {
  const { asked, open, turn, want } = world();
  await expect(want(['a'], { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  expect(asked).toEqual([]);
  const again = want(['a']);
  open[0]?.resolve('one');
  await again;
  await turn();
  const later = want(['b']);
  await turn();
  open[1]?.resolve('two');
  expect(await later).toBe('two');
});
