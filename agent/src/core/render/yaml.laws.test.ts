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
      // -0 has no text of its own in JSON; __proto__ is refused as a key.
      const plain = JSON.parse(JSON.stringify(value));
      fc.pre(!JSON.stringify(plain).includes('__proto__'));
      expect(readYaml(writeYaml(plain))).toEqual({ ok: true, value: plain });
    }),
  );
});

it.each([
  ['a: {"<<": {b: 1}, c: 2}', { a: { '<<': { b: 1 }, c: 2 } }],
  ["a: {'<<': text, c: 2}", { a: { '<<': 'text', c: 2 } }],
  ['x: &x {b: 1}\na: {<<: *x, c: 2}', { x: { b: 1 }, a: { b: 1, c: 2 } }],
  ['x: &x {b: 1}\na:\n  "<<": *x\n  c: 2', { x: { b: 1 }, a: { '<<': { b: 1 }, c: 2 } }],
])('a quoted << is a key like others, as kubectl reads it: %s', (text, value) => {
  expect(readYaml(text)).toEqual({ ok: true, value });
});
