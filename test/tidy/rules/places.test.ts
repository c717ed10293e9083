import { expect, it } from 'vitest';
import { repositoryOf } from '../repository.ts';
import { placeRule, rootEntries, rootRule } from './places.ts';

const complete = Object.fromEntries(Object.keys(rootEntries).map((name) => [`${name}/x`, '']));

it('accepts the root as it should be', () => {
  expect(rootRule.find(repositoryOf(complete))).toEqual([]);
});

it('refuses what does not belong there, and misses what is gone', () => {
  const { 'README.md/x': _gone, ...rest } = complete;
  const findings = rootRule.find(repositoryOf({ ...rest, 'docs/a.md': '', 'notes.txt': '' }));
  expect(findings.map(({ path, what }) => `${path} ${what}`)).toEqual([
    'docs does not belong into the root',
    'notes.txt does not belong into the root',
    'README.md is missing in the root (people)',
  ]);
});

it.each([
  ['registry', 'npmjs', 'org'].join('.'),
  ['proxy', 'golang', 'org'].join('.'),
  ['', 'root', '.cache'].join('/'),
  ['', 'home', 'me', 'x'].join('/'),
  ['', 'work', 'main'].join('/'),
])('refuses %s in any file', (text) => {
  expect(placeRule.find(repositoryOf({ 'shared/README.md': `one\n see ${text}` }))).toMatchObject([
    { line: 2 },
  ]);
});

it.each(['/var/lib/flotilla', 'the root/ folder', 'src/home/a', 'https://github.com/x/y'])(
  'accepts %s',
  (text) => {
    expect(placeRule.find(repositoryOf({ 'shared/README.md': text }))).toEqual([]);
  },
);
