import { describe, expect, it } from 'vitest';
import { repositoryOf } from '../repository.ts';
import { exportsRule, layerRule } from './layers.ts';

const manifests = {
  'package.json': '{"name":"root","devDependencies":{"vitest":"1"}}',
  'shared/package.json':
    '{"name":"@flotilla/shared","exports":{"./base":"./src/base/index.ts","./kit":"./src/kit/index.ts","./git":"./src/git/index.ts"}}',
  'hub/package.json':
    '{"name":"@flotilla/hub","dependencies":{"@flotilla/shared":"1","yaml":"1"},"exports":{"./core":"./src/core/index.ts"}}',
  'agent/package.json':
    '{"name":"@flotilla/agent","dependencies":{"@flotilla/shared":"1","@flotilla/hub":"1"}}',
  'test/package.json': '{"name":"@flotilla/test","dependencies":{"@flotilla/hub":"1"}}',
};

function findings(rule: typeof layerRule, path: string, text: string): readonly string[] {
  return rule.find(repositoryOf({ ...manifests, [path]: text })).map(({ what }) => what);
}

describe('layers', () => {
  it.each([
    ['hub/src/core/plan.ts', "import { err } from '@flotilla/shared/base';"],
    ['hub/src/core/plan.ts', "import { other } from './other.ts';"],
    ['hub/src/loops/place.ts', "import { plan } from '../core/plan.ts';"],
    ['hub/src/io/nats.ts', "import type { Port } from '../ports.ts';"],
    ['hub/src/start.ts', "import { nats } from './io/nats.ts';"],
    ['hub/src/io/nats.test.ts', "import { findTool } from '../../../test/tools/index.ts';"],
    ['test/e2e/one.ts', "import { core } from '@flotilla/hub/core';"],
  ])('%s may say %s', (path, text) => {
    expect(findings(layerRule, path, text)).toEqual([]);
  });

  it.each([
    ['hub/src/core/plan.ts', "import { log } from '@flotilla/shared/kit';", 'hub core', 'kit'],
    ['hub/src/core/plan.ts', "import type { Port } from '../ports.ts';", 'hub core', 'hub ports'],
    ['hub/src/loops/place.ts', "import { nats } from '../io/nats.ts';", 'hub loops', 'hub io'],
    ['hub/src/io/nats.ts', "import { place } from '../loops/place.ts';", 'hub io', 'hub loops'],
    ['hub/src/io/nats.ts', "import { plan } from '../core/plan.ts';", 'hub io', 'hub core'],
    ['agent/src/start.ts', "import { core } from '@flotilla/hub/core';", 'agent start', 'hub core'],
    ['hub/src/start.ts', "import { fake } from '../../test/fakes/clock.ts';", 'hub start', 'test'],
    ['shared/src/git/fetch.ts', "import { log } from '@flotilla/shared/kit';", 'git', 'kit'],
    ['shared/src/base/result.ts', "export { x } from '../model/index.ts';", 'base', 'model'],
  ])('%s may not say %s', (path, text, from, to) => {
    expect(findings(layerRule, path, text).join()).toMatch(
      new RegExp(`is of ${from} and imports .* is of ${to}`),
    );
  });

  it('knows a layer for every file', () => {
    expect(findings(layerRule, 'extra/file.ts', '')).toEqual(['lies in no layer of the architecture']);
  });
});

describe('exports', () => {
  it.each([
    ['hub/src/io/a.ts', "import { log } from '@flotilla/shared/kit';"],
    ['hub/src/core/a.ts', "import { parse } from 'yaml';"],
    ['hub/src/core/a.ts', "import { readFile } from 'node:fs/promises';"],
    ['hub/src/core/a.test.ts', "import { it } from 'vitest';"],
    ['hub/src/core/a.test.ts', "import { clock } from '../../../test/fakes/clock.ts';"],
  ])('%s may say %s', (path, text) => {
    expect(findings(exportsRule, path, text)).toEqual([]);
  });

  it.each([
    [
      'hub/src/io/a.ts',
      "import { x } from '@flotilla/shared/secret';",
      'which @flotilla/shared does not export',
    ],
    [
      'hub/src/io/a.ts',
      "import { x } from '../../../shared/src/kit/index.ts';",
      'reaches into @flotilla/shared',
    ],
    [
      'agent/src/io/a.ts',
      "import { parse } from 'yaml';",
      'imports yaml, which agent/package.json does not name',
    ],
    ['hub/src/core/a.ts', "import { it } from 'vitest';", 'imports vitest'],
  ])('%s may not say %s', (path, text, what) => {
    expect(findings(exportsRule, path, text).join()).toContain(what);
  });
});
