import { expect, it } from 'vitest';
import { repositoryOf } from '../repository.ts';
import { coreRule } from './core.ts';

const judge = (text: string, path = 'hub/src/core/plan.ts') =>
  coreRule.find(repositoryOf({ [path]: text })).map(({ line, what }) => `${line} ${what}`);

it.each([
  ['\nexport async function plan() {}', '2 is asynchronous (async)'],
  ['const a = await b;', '1 is asynchronous (await)'],
  ['const a = new Date();', '1 reads a clock (new Date)'],
  ['const a = Date.now();', '1 reads a clock (Date.)'],
  ['setTimeout(go, 1);', '1 uses a timer (setTimeout)'],
  ['const a = Math.random();', '1 draws chance by itself (Math.random)'],
  ["const a = process.env['X'];", '1 reaches for its surroundings (process.)'],
  ["console.log('x');", '1 logs (console.)'],
  ["import { readFileSync } from 'node:fs';", '1 imports node:fs'],
])('refuses %j', (text, finding) => {
  expect(judge(text)).toEqual([finding]);
});

it.each([
  '// Date.now() would be wrong here, and so would await\nconst a = 1;',
  "const reason = 'process.env and async are words';",
  'interface Step { readonly async: boolean; readonly process: string }',
  'const expiresMs: number = candidate.expiresDateMs;',
  'const untilMs = Date.parse(`${day}T00:00:00Z`);',
])('accepts %j', (text) => {
  expect(judge(text)).toEqual([]);
});

it('does not judge tests, nor what is not core', () => {
  expect(judge('await x;', 'hub/src/core/plan.test.ts')).toEqual([]);
  expect(judge('await x;', 'hub/src/io/nats.ts')).toEqual([]);
});
