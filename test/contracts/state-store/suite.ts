import type { StateStore } from '@flotilla/agent/ports';
import { expect, test } from 'vitest';
import { never } from '../never.ts';

/** One place for records and what a test may do to it. */
export interface StateStoreWorld extends AsyncDisposable {
  /** A store over the same place, as the next start of the agent opens it. */
  open(): Promise<StateStore>;
  /** Spoils what is stored under a key: the newest record, or all of them. */
  tear(key: string, which: 'newest' | 'all'): Promise<void>;
}

type MakeWorld = () => Promise<StateStoreWorld>;

/** The promises of the StateStore port; run on the real adapter and on the fake. */
export function stateStoreContract(makeWorld: MakeWorld): void {
  records(makeWorld);
  order(makeWorld);
  damaged(makeWorld);
  refusals(makeWorld);
}

function records(makeWorld: MakeWorld): void {
  test('a record is read as it was written, also by the next start', async () => {
    await using world = await makeWorld();
    const value = { format: 1, list: ['ä', null, 1.5, { deep: true }] };
    await (await world.open()).write('rows/cart', value, never);
    expect(await (await world.open()).read('rows/cart', never)).toEqual(value);
  });

  test('what is handed out is never what was handed in', async () => {
    await using world = await makeWorld();
    const store = await world.open();
    const value = { list: ['one'] };
    await store.write('a', value, never);
    value.list.push('two');
    expect(await store.read('a', never)).toEqual({ list: ['one'] });
  });

  test('a key that was never written is none; one that was removed is none again, its older record too', async () => {
    await using world = await makeWorld();
    const store = await world.open();
    expect(await store.read('a', never)).toBeUndefined();
    await store.write('a', 1, never);
    await store.write('a', 2, never);
    await store.remove('a', never);
    expect(await store.read('a', never)).toBeUndefined();
    expect(await (await world.open()).read('a', never)).toBeUndefined();
    expect(await store.list('', never)).toEqual([]);
  });

  test('removing what is not there is no error', async () => {
    await using world = await makeWorld();
    const store = await world.open();
    await store.remove('rows/none', never);
    await store.remove('none', never);
  });

  test('null is a value and not the absence of one', async () => {
    await using world = await makeWorld();
    const store = await world.open();
    await store.write('a', null, never);
    expect(await store.read('a', never)).toBeNull();
    expect(await store.list('', never)).toEqual(['a']);
  });

  test('the list holds the keys under a prefix, sorted, and no others', async () => {
    await using world = await makeWorld();
    const store = await world.open();
    for (const key of ['rows/b', 'rows/a', 'rows2/c', 'counters', 'rows/x/y'])
      await store.write(key, 1, never);
    await store.write('rows/a', 2, never);
    expect(await store.list('rows/', never)).toEqual(['rows/a', 'rows/b', 'rows/x/y']);
    expect(await store.list('', never)).toEqual(['counters', 'rows/a', 'rows/b', 'rows/x/y', 'rows2/c']);
    expect(await store.list('none/', never)).toEqual([]);
  });
}

function order(makeWorld: MakeWorld): void {
  test('writes and removals of one key land in the order they were asked for', async () => {
    await using world = await makeWorld();
    const store = await world.open();
    await Promise.all([
      ...[1, 2, 3, 4, 5].map((value) => store.write('a', value, never)),
      store.write('gone', 1, never),
      store.remove('gone', never),
    ]);
    expect(await store.read('a', never)).toBe(5);
    expect(await store.read('gone', never)).toBeUndefined();
  });

  test('many keys written at the same time are all there', async () => {
    await using world = await makeWorld();
    const store = await world.open();
    const keys = Array.from({ length: 100 }, (_, index) => `rows/c-${String(index).padStart(3, '0')}`);
    await Promise.all(keys.map((key) => store.write(key, key, never)));
    expect(await store.list('rows/', never)).toEqual(keys);
    expect(await store.read('rows/c-042', never)).toBe('rows/c-042');
  });
}

function damaged(makeWorld: MakeWorld): void {
  test('of a torn record the one before it is used, and it is said once it was read', async () => {
    await using world = await makeWorld();
    const first = await world.open();
    await first.write('rows/cart', 'older', never);
    await first.write('rows/cart', 'newer', never);
    await world.tear('rows/cart', 'newest');
    const store = await world.open();
    expect(await store.read('rows/cart', never)).toBe('older');
    expect(store.damage).toEqual(['record rows/cart was torn; the one before it is used']);
    expect(await store.list('', never)).toEqual(['rows/cart']);
  });

  test('records of which none is readable are an error, never the absence of one', async () => {
    await using world = await makeWorld();
    const store = await world.open();
    await store.write('a', 1, never);
    await store.write('a', 2, never);
    await store.write('b', 1, never);
    await world.tear('a', 'all');
    await world.tear('b', 'newest');
    for (const key of ['a', 'b'])
      await expect(store.read(key, never)).rejects.toMatchObject({ code: 'STORE_CORRUPT', retry: 'never' });
    expect(await store.list('', never)).toEqual(['a', 'b']);
  });

  test('a torn record is mended by the next write', async () => {
    await using world = await makeWorld();
    const store = await world.open();
    await store.write('a', 1, never);
    await world.tear('a', 'all');
    await store.write('a', 2, never);
    expect(await store.read('a', never)).toBe(2);
  });
}

function refusals(makeWorld: MakeWorld): void {
  test.each(['../x', 'a//b', 'A', '', 'a/b/c/d/e', '.json', 'a/', 'ä', 'a'.repeat(129)])(
    'the key %j is refused by every method that names one',
    async (key) => {
      await using world = await makeWorld();
      const store = await world.open();
      const refused = { code: 'STORE_KEY', retry: 'never' };
      await expect(store.write(key, 1, never)).rejects.toMatchObject(refused);
      await expect(store.read(key, never)).rejects.toMatchObject(refused);
      await expect(store.remove(key, never)).rejects.toMatchObject(refused);
      expect(await store.list('', never)).toEqual([]);
    },
  );

  test('an abort rejects with its reason and changes nothing', async () => {
    await using world = await makeWorld();
    const store = await world.open();
    await store.write('a', 1, never);
    const reason = new Error('stop');
    const aborted = AbortSignal.abort(reason);
    await expect(store.read('a', aborted)).rejects.toBe(reason);
    await expect(store.write('a', 2, aborted)).rejects.toBe(reason);
    await expect(store.remove('a', aborted)).rejects.toBe(reason);
    await expect(store.list('', aborted)).rejects.toBe(reason);
    expect(await store.read('a', never)).toBe(1);
  });
}
