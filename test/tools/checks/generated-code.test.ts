import { expect, it } from 'vitest';
import { differences } from './generated-code.ts';

const tree = (files: Readonly<Record<string, string>>) => new Map(Object.entries(files));

it('finds nothing between equal trees', () => {
  expect(differences(tree({ 'a.ts': '1' }), tree({ 'a.ts': '1' }))).toEqual([]);
});

it('names every file that is missing, left over or different', () => {
  const expected = tree({ 'a.ts': '1', 'b.ts': '1', 'c.ts': '1' });
  expect(differences(expected, tree({ 'a.ts': '1', 'b.ts': '2', 'd.ts': '1' }))).toEqual([
    'b.ts differs',
    'c.ts is missing',
    'd.ts is generated from nothing any more',
  ]);
});
