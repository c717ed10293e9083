import { expect, it } from 'vitest';
import { repositoryOf } from '../repository.ts';
import { syntaxRule } from './syntax.ts';

const judge = (text: string, path = 'hub/src/core/plan.ts') =>
  syntaxRule.find(repositoryOf({ [path]: text })).map(({ line, what }) => `${line} ${what}`);

it.each([
  ['\nexport default 1;', '2 has a default export'],
  ['enum Color { Red }', '1 declares an enum'],
  ['declare namespace a.b { }', '1 declares a namespace'],
  ['class A { constructor(private readonly b: string) {} }', '1 has parameter properties'],
  ['const a: any = 1;', '1 uses any'],
  ['const a = b as any;', '1 uses any'],
  ['const a: Map<string, any> = c;', '1 uses any'],
  ['// @ts-expect-error because', '1 silences the compiler'],
  ['// FIXME later', '1 leaves a FIXME'],
])('refuses %j', (text, finding) => {
  expect(judge(text).join()).toContain(finding);
});

it('refuses a skipped or singled-out test', () => {
  const path = 'hub/src/core/plan.test.ts';
  expect(judge("it.skip('x', () => {});", path).join()).toContain('skips or singles out a test (it.skip)');
  expect(judge("describe.only('x', () => {});", path)).toHaveLength(1);
  expect(judge("it.concurrent.todo('x');", path)).toHaveLength(1);
});

it.each([
  '// any number of enum members\nconst a = 1;',
  "const text = 'export default any enum X {';",
  'const any = 1; f(a.any);',
  'const fallback = Promise.any([a]);',
])('accepts %j', (text) => {
  expect(judge(text)).toEqual([]);
});

it('lets a tool have the default export it insists on', () => {
  expect(judge('export default {};', 'vitest.config.ts')).toEqual([]);
});
