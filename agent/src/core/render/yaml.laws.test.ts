import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readYaml, writeYaml } from './yaml.ts';

const odd = fc.constantFrom(
  'no',
  'y',
  '017',
  '0o17',
  '1_000',
  '12:30',
  '=',
  '~',
  '',
  '<<',
  '1e3',
  '.5',
  '- a',
  'a: b',
  '\n',
  ' x',
  '#',
);

it('what is written is read as the same value', () => {
  const json = fc.jsonValue({ stringUnit: 'binary', maxDepth: 2 });
  fc.assert(
    fc.property(fc.dictionary(odd, fc.oneof(odd, json)), (value) => {
      // -0 has no text of its own in JSON; __proto__ is refused as a key, and << is a merge however it is written.
      const plain = JSON.parse(JSON.stringify(value));
      fc.pre(!/__proto__|"<<"/.test(JSON.stringify(plain)));
      expect(readYaml(writeYaml(plain))).toEqual({ ok: true, value: plain });
    }),
  );
});
