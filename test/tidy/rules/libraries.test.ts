import { describe, expect, it } from 'vitest';
import { repositoryOf } from '../repository.ts';
import { lazyRule, libraryRule, manifestRule } from './libraries.ts';

const manifests = {
  'hub/package.json': '{"name":"@flotilla/hub"}',
  'agent/package.json': '{"name":"@flotilla/agent"}',
};
const judge = (texts: Record<string, string>) =>
  libraryRule.find(repositoryOf({ ...manifests, ...texts })).map(({ path, what }) => `${path} ${what}`);

describe('libraries', () => {
  it('accepts each in its place, and anything in tests', () => {
    expect(
      judge({
        'hub/src/core/yaml-text.ts': "import { parse } from 'yaml';",
        'agent/src/core/yaml-text.ts': "import { parse } from 'yaml';",
        'hub/src/io/grpc/a.ts': "import * as grpc from '@grpc/grpc-js';",
        'hub/src/io/grpc/b.ts': "import * as grpc from '@grpc/grpc-js';",
        'hub/src/core/plan.test.ts': "import fc from 'fast-check';",
      }),
    ).toEqual([]);
  });

  it.each([
    ['hub/src/core/plan.ts', "import * as grpc from '@grpc/grpc-js';", 'which belongs into'],
    ['hub/src/io/a.ts', "import left from 'left-pad';", 'has no row'],
  ])('refuses in %s: %s', (path, text, what) => {
    expect(judge({ [path]: text }).join()).toContain(what);
  });

  it('refuses a second file around a library that has its wrapper', () => {
    const text = "import { parse } from 'yaml';";
    expect(judge({ 'hub/src/core/first.ts': text, 'hub/src/core/second.ts': text })).toEqual([
      'hub/src/core/second.ts imports yaml although hub/src/core/first.ts wraps it',
    ]);
  });
});

it('refuses that an agent loads CEL at its start, and nobody else', () => {
  const from = (path: string, text: string) => lazyRule.find(repositoryOf({ ...manifests, [path]: text }));
  const cel = "import { parseCel } from '@flotilla/shared/base/cel';";
  expect(from('agent/src/core/a.ts', cel)).toHaveLength(1);
  expect(from('agent/src/core/a.ts', cel.replace('import', 'import type'))).toEqual([]);
  expect(from('agent/src/core/a.ts', "const load = () => import('@flotilla/shared/base/cel');")).toEqual([]);
  expect(from('agent/src/core/a.test.ts', cel)).toEqual([]);
  expect(from('hub/src/core/a.ts', cel)).toEqual([]);
});

it('refuses a manifest that ties hub, agent or test together', () => {
  const text = '{"name":"@flotilla/hub","dependencies":{"@flotilla/agent":"1","@flotilla/shared":"1"}}';
  expect(manifestRule.find(repositoryOf({ 'hub/package.json': text })).map(({ what }) => what)).toEqual([
    '@flotilla/hub depends on @flotilla/agent',
  ]);
  expect(manifestRule.find(repositoryOf({ 'test/package.json': text }))).toEqual([]);
});
