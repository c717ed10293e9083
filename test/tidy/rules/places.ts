import type { Repository } from '../repository.ts';
import type { Finding, Rule } from '../rule.ts';
import { lineAt } from '../source-text.ts';

/** What the root holds, each with the reason why it lies there. */
export const rootEntries: Readonly<Record<string, string>> = {
  proto: 'package',
  hub: 'package',
  agent: 'package',
  shared: 'package',
  deploy: 'charts, manifests, examples',
  test: 'package',
  'package.json': 'pnpm',
  'pnpm-workspace.yaml': 'pnpm',
  'README.md': 'people',
  'pnpm-lock.yaml': 'pnpm insists',
  'tsconfig.json': 'tsc and editors insist',
  'biome.json': 'biome insists',
  'vitest.config.ts': 'vitest insists',
  LICENSE: 'licence scanners insist',
  '.ci': 'CI insists',
  '.gitignore': 'git insists',
  '.editorconfig': 'editors insist',
  '.node-version': 'version switchers and test/tools/run.sh read it',
};

function judgeRoot(repository: Repository): readonly Finding[] {
  const found = new Set(repository.files.map(({ path }) => path.split('/')[0] ?? ''));
  const extra = [...found].filter((name) => rootEntries[name] === undefined);
  const missing = Object.keys(rootEntries).filter((name) => !found.has(name));
  return [
    ...extra.map((path) => ({ path, what: 'does not belong into the root' })),
    ...missing.map((path) => ({ path, what: `is missing in the root (${rootEntries[path]})` })),
  ];
}

/** The root is the table of contents. */
export const rootRule: Rule = {
  name: 'the root holds exactly the rooms of the house and what tools insist on',
  reason: 'a newcomer reads the root first; anything else has a room where a reader would look for it',
  find: judgeRoot,
};

// Written in pieces, so that this file does not break its own rule.
const hosts = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['registry', 'npmmirror', 'com'],
  ['proxy', 'golang', 'org'],
  ['sum', 'golang', 'org'],
  ['pypi', 'org'],
  ['deb', 'debian', 'org'],
].map((parts) => parts.join('\\.'));
const places = [
  ['', 'root', ''],
  ['', 'home', '(?!nonroot|node)[a-z]'],
  ['', 'Users', '[a-z]'],
  ['', 'work', '(?:main|shared)'],
  ['', 'tmp', '(?:warm|work)'],
].map((parts) => parts.join('/'));
const foreign = new RegExp(`(?:${hosts.join('|')})|(?<![\\w.])(?:${places.join('|')})`, 'gi');

/** The repository works for everybody. */
export const placeRule: Rule = {
  name: "no file names a package registry's host or a path of one machine",
  reason: "which registry is used and where things lie is the user's own setting",
  find: (repository) =>
    repository.files.flatMap(({ path, text }) =>
      [...text.matchAll(foreign)].map((found) => ({
        path,
        line: lineAt(text, found.index),
        what: `names ${found[0]}`,
      })),
    ),
};
