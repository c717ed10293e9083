import { expect, it } from 'vitest';
import { parseImports } from './imports.ts';
import { blankOut } from './source-text.ts';

it('finds every form of import with its line and whether anything is left of it at run time', () => {
  const source = `import { a,
  b } from './value.ts';
import type { C } from './type.ts';
import { type D, type E } from './types.ts';
import { type F, g } from './mixed.ts';
import * as all from 'node:fs';
import './effect.ts';
export { h } from './out.ts';
export type * from './out-types.ts';
export * from "./star.ts";
const lazy = () => import('./lazy.ts');
const from = 'x';
export const value = { from: './not.ts' };
const text = "import { x } from './text.ts'";
`;
  const found = parseImports(blankOut(source)).map(({ specifier, line, isTypeOnly, isDynamic }) => {
    const kind = [isTypeOnly && 'type', isDynamic && 'dynamic'].find(Boolean) ?? 'value';
    return `${line} ${specifier} ${kind}`;
  });
  expect(found.sort()).toEqual(
    [
      '1 ./value.ts value',
      '3 ./type.ts type',
      '4 ./types.ts type',
      '5 ./mixed.ts value',
      '6 node:fs value',
      '7 ./effect.ts value',
      '8 ./out.ts value',
      '9 ./out-types.ts type',
      '10 ./star.ts value',
      '11 ./lazy.ts dynamic',
    ].sort(),
  );
});
