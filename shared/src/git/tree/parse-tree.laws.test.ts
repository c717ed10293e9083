import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GitId } from '../../base/index.ts';
import { encodeEntry } from './objects-fixture.ts';
import { parseTree } from './parse-tree.ts';

const entry = fc.record({
  mode: fc.constantFrom('100644', '100755', '120000', '160000', '40000'),
  name: fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((name) => !name.includes('\0') && name.isWellFormed()),
  id: fc
    .uint8Array({ minLength: 20, maxLength: 20 })
    .map((bytes) => Buffer.from(bytes).toString('hex') as GitId),
});

describe('laws of trees', () => {
  it('what was written is read back', () => {
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: ({ name }) => name }), (entries) => {
        const data = Buffer.concat(entries.map(({ mode, name, id }) => encodeEntry(mode, name, id)));

        const parsed = parseTree(data, 'sha1');

        expect(parsed.ok && parsed.value.map(({ name, id }) => ({ name, id }))).toEqual(
          entries.map(({ name, id }) => ({ name, id })),
        );
      }),
    );
  });

  it('any bytes are a tree or an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        parseTree(Buffer.from(bytes), 'sha1');
      }),
    );
  });
});
