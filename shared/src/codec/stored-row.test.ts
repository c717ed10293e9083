import { describe, expect, test } from 'vitest';
import type { EventId, PlacementName } from '../base/index.ts';
import { sha256Hex } from '../base/index.ts';
import type { RemovalRow } from '../model/index.ts';
import { encodeStoredRow, parseStoredRow, storedRowFormat } from './stored-row.ts';

const row: RemovalRow = {
  kind: 'removal',
  placement: 'cart' as PlacementName,
  version: { epoch: 1, seq: 42 },
  proof: { eventHash: sha256Hex('event'), mac: sha256Hex('mac') },
  cause: { kind: 'decision', event: 'a'.repeat(26) as EventId },
  mode: 'prune',
};

describe('a stored row', () => {
  test('can be read by a person', () => {
    expect(encodeStoredRow(row)).toMatchObject({
      format: 1,
      kind: 'removal',
      placement: 'cart',
      version: '1.42',
    });
  });

  test('of a newer format is refused as such, not as damage', () => {
    const stored = encodeStoredRow(row) as { [key: string]: string | number };

    expect(parseStoredRow({ ...stored, format: storedRowFormat + 1 })).toMatchObject({
      ok: false,
      error: { kind: 'format-too-new' },
    });
  });

  test.each([
    ['no object', 'cart'],
    ['a list', []],
    ['no format', { kind: 'removal', message: '' }],
    ['no message', { format: 1, kind: 'removal' }],
    ['an unknown kind', { format: 1, kind: 'lease', message: '' }],
    ['an empty message', { format: 1, kind: 'removal', message: '' }],
    ['bytes that are no message', { format: 1, kind: 'removal', message: '/////w==' }],
  ])('that is %s is damaged', (_, stored) => {
    expect(parseStoredRow(stored)).toMatchObject({ ok: false, error: { kind: 'damaged' } });
  });
});
