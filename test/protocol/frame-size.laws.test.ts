import { rowBytesMax } from '@flotilla/hub/core';
import { hubFrameToBytes } from '@flotilla/shared/codec';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignmentRow, removalRow } from '../arbitraries/rows.ts';

const longText = fc
  .tuple(fc.constantFrom('x', 'é', '漢', '"', '\n', '😀'), fc.nat({ max: 40_000 }))
  .map(([unit, count]) => unit.repeat(count));

test('a row on the wire is never larger than the hub reckons', () => {
  fc.assert(
    fc.property(
      assignmentRow,
      longText,
      fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), longText, { maxKeys: 3 }),
      (row, text, variables) => {
        const { variant } = row;
        const patch = { target: {}, kind: 'json' as const, patchJson: text };
        const long = {
          ...row,
          variant: { ...variant, render: { ...variant.render, variables, patches: [patch, patch] } },
        };
        expect(bytesOf(long)).toBeLessThanOrEqual(rowBytesMax(long));
      },
    ),
  );
  fc.assert(
    fc.property(removalRow, (row) => {
      expect(bytesOf(row)).toBeLessThanOrEqual(rowBytesMax(row));
    }),
  );
}, 60_000);

function bytesOf(row: Parameters<typeof rowBytesMax>[0]): number {
  const delta = { nonce: 1, malformed: [], isComplete: true };
  const filled =
    row.kind === 'assignment'
      ? { ...delta, upserts: [row], removals: [] }
      : { ...delta, upserts: [], removals: [row] };
  return hubFrameToBytes({ kind: 'delta', delta: filled }).length;
}
