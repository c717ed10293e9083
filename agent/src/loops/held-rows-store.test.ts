import { encodeStoredRow, parseStoredRow } from '@flotilla/shared/codec';
import { claimOf, setDigest } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';
import { memoryStateStore } from '../../../test/fakes/state-store.ts';
import { assignmentOf, placementOf, removalOf } from '../../../test/protocol/fleet.ts';
import { openHeldRows, type RowFormat } from './held-rows-store.ts';

const never = new AbortController().signal;
const format: RowFormat = { encode: encodeStoredRow, parse: parseStoredRow };
const cart = assignmentOf({ placement: 'cart', seq: 10 });
const newer = assignmentOf({ placement: 'cart', seq: 11 });
const gone = removalOf({ placement: 'gone', seq: 12 });

describe('held rows', () => {
  test('are durable, then visible, then told, and are there again after a restart', async () => {
    const store = memoryStateStore();
    const { rows } = await openHeldRows(store, format, never);
    const told: unknown[] = [];
    rows.onChange((placements) =>
      told.push([placements, store.peek('rows/cart') !== undefined, rows.get(cart.placement)]),
    );

    await rows.accept([cart, gone], never);

    expect(told).toEqual([[['cart', 'gone'], true, cart]]);
    expect(rows.all()).toEqual([cart, gone]);
    expect(rows.digest()).toBe(setDigest([cart, gone].map(claimOf)));
    const again = await openHeldRows(store, format, never);
    expect(again.rows.all()).toEqual([cart, gone]);
    expect(again.damage).toEqual([]);
  });

  test('change nothing when one of them cannot be written, on disk neither', async () => {
    const store = memoryStateStore();
    const first = await openHeldRows(store, format, never);
    await first.rows.accept([cart], never);
    store.beforeWrite = (key) => {
      if (key === 'rows/gone') throw new Error('no space left on device');
    };
    const { rows } = await openHeldRows(store, format, never);
    const told: unknown[] = [];
    rows.onChange((placements) => told.push(placements));

    await expect(rows.accept([newer, gone], never)).rejects.toThrow('no space left');

    expect(rows.all()).toEqual([cart]);
    expect(told).toEqual([]);
    expect((await openHeldRows(store, format, never)).rows.all()).toEqual([cart]);
  });

  test('stop telling a listener that went away', async () => {
    const { rows } = await openHeldRows(memoryStateStore(), format, never);
    const told: unknown[] = [];
    const stop = rows.onChange((placements) => told.push(placements));
    stop();

    await rows.accept([cart], never);

    expect(told).toEqual([]);
  });

  test('leave a damaged row out and name it: the hub sends it again, nothing is deleted for it', async () => {
    const store = memoryStateStore();
    await (await openHeldRows(store, format, never)).rows.accept([cart], never);
    await store.write('rows/odd', { format: 1, kind: 'assignment', message: '' }, never);
    await store.write('rows/moved', store.peek('rows/cart') ?? null, never);

    const opened = await openHeldRows(store, format, never);

    expect(opened.rows.all()).toEqual([cart]);
    expect(opened.rows.get(placementOf('odd'))).toBeUndefined();
    expect(opened.damage).toEqual([
      'row moved cannot be used: it speaks of cart',
      expect.stringMatching(/^row odd cannot be used: /),
    ]);
  });

  test('leave a row out that the store cannot read', async () => {
    const store = memoryStateStore();
    await (await openHeldRows(store, format, never)).rows.accept([cart, gone], never);
    store.tear('rows/cart', 'all');

    const opened = await openHeldRows(store, format, never);

    expect(opened.rows.all()).toEqual([gone]);
    expect(opened.damage).toEqual([
      'row cart cannot be used: record rows/cart and the one before it are unreadable',
    ]);
  });

  test('of a newer program stop the start and are not touched', async () => {
    const store = memoryStateStore();
    await (await openHeldRows(store, format, never)).rows.accept([cart], never);
    const record = { ...(store.peek('rows/cart') as object), format: 2 };
    await store.write('rows/cart', record, never);

    await expect(openHeldRows(store, format, never)).rejects.toMatchObject({ code: 'ROW_FORMAT_TOO_NEW' });
    expect(store.peek('rows/cart')).toEqual(record);
  });
});
