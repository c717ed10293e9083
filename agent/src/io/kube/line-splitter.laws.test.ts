import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLineSplitter } from './line-splitter.ts';

it('gives the same lines however the bytes are cut', () => {
  const line = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\n'));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat({ max: 40 })), (lines, cuts) => {
      const all = Buffer.from(lines.map((text) => `${text}\n`).join(''), 'utf8');
      const splitter = createLineSplitter();
      const found: string[] = [];
      let start = 0;
      for (const cut of cuts) {
        found.push(...splitter.push(all.subarray(start, start + cut)));
        start += cut;
      }
      found.push(...splitter.push(all.subarray(start)));

      expect(found).toEqual(lines.map((text) => Buffer.from(text, 'utf8').toString('utf8')));
    }),
  );
});
