import { describe, expect, it } from 'vitest';
import { repositoryOf } from '../repository.ts';
import { cycleRule, deadFileRule } from './graph.ts';

const manifests = {
  'hub/package.json': '{"name":"@flotilla/hub","exports":{"./core":"./src/core/index.ts"}}',
};

function judge(rule: typeof cycleRule, texts: Record<string, string>): readonly string[] {
  return rule.find(repositoryOf({ ...manifests, ...texts })).map(({ path, what }) => `${path} ${what}`);
}

describe('dead files', () => {
  it('accepts what a program, an export or a test reaches, also by a path it starts', () => {
    expect(
      judge(deadFileRule, {
        'hub/src/main.ts': "import './start.ts';",
        'hub/src/start.ts': "import type { A } from './ports.ts';",
        'hub/src/ports.ts': '',
        'hub/src/core/index.ts': "export { plan } from './plan.ts';",
        'hub/src/core/plan.ts': '',
        'hub/src/core/plan.test.ts': "import { rows } from './rows-fixture.ts';",
        'hub/src/core/rows-fixture.ts': '',
        'test/real/server.test.ts': "start(new URL('./server-process.ts', import.meta.url));",
        'test/real/server-process.ts': "import './frames.ts';",
        'test/real/frames.ts': '',
      }),
    ).toEqual([]);
  });

  it('refuses what nothing reaches, and product code that only tests reach', () => {
    expect(
      judge(deadFileRule, {
        'hub/src/main.ts': '',
        'hub/src/core/old.ts': '',
        'hub/src/core/tried.ts': '',
        'hub/src/core/tried.test.ts': "import { tried } from './tried.ts';",
        'test/fakes/clock.ts': '',
      }),
    ).toEqual([
      'hub/src/core/old.ts is reached by nothing',
      'hub/src/core/tried.ts is reached by tests only: wire it in, or name it x-fixture.ts',
      'test/fakes/clock.ts is reached by nothing',
    ]);
  });
});

describe('cycles', () => {
  it('finds the way around', () => {
    const texts = {
      'hub/src/a.ts': "import { b } from './b.ts';",
      'hub/src/b.ts': "import { c } from './c.ts';",
      'hub/src/c.ts': "import { a } from './a.ts';",
    };
    expect(judge(cycleRule, texts)).toEqual([
      'hub/src/a.ts imports itself: hub/src/a.ts -> hub/src/b.ts -> hub/src/c.ts -> hub/src/a.ts',
    ]);
  });

  it('lets types and lazy imports point back', () => {
    const texts = {
      'hub/src/a.ts': "import { b } from './b.ts';",
      'hub/src/b.ts': "import type { A } from './a.ts'; const c = () => import('./a.ts');",
    };
    expect(judge(cycleRule, texts)).toEqual([]);
  });
});
