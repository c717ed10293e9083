import { describe, expect, it } from 'vitest';
import { repositoryOf } from '../repository.ts';
import { decisionRule, docstringRule, indexRule } from './documents.ts';

const manifest = '{"name":"@flotilla/shared","exports":{"./base":"./src/base/index.ts"}}';

describe('docstrings', () => {
  const judge = (texts: Record<string, string>) =>
    docstringRule
      .find(repositoryOf({ 'shared/package.json': manifest, ...texts }))
      .map(({ path, line, what }) => `${path}:${line} ${what}`);

  it('are wanted on what the front door offers, also through other files, and nowhere else', () => {
    expect(
      judge({
        'shared/src/base/index.ts':
          "export * from './all.ts';\nexport { picked, type Shape as Form } from './some.ts';\nexport const own = 1;",
        'shared/src/base/all.ts':
          '/** Good. */\nexport function good() {}\n// not enough\nexport const bad = 1;',
        'shared/src/base/some.ts':
          'export function picked() {}\nexport function inner() {}\nexport interface Shape {}',
      }),
    ).toEqual([
      'shared/src/base/index.ts:3 exports own without a docstring',
      'shared/src/base/all.ts:4 exports bad without a docstring',
      'shared/src/base/some.ts:1 exports picked without a docstring',
      'shared/src/base/some.ts:3 exports Shape without a docstring',
    ]);
  });

  it('may be shared by the overloads of a function', () => {
    const text = '/** Both. */\nexport function f(a: 1): 1;\nexport function f(a: 2): 2;\n';
    expect(judge({ 'shared/src/base/index.ts': text })).toEqual([]);
  });
});

describe('index files', () => {
  const judge = (texts: Record<string, string>) =>
    indexRule.find(repositoryOf(texts)).map(({ what }) => what);

  it('introduce folders of three files', () => {
    const three = { 'hub/src/core/a.ts': '', 'hub/src/core/b.ts': '', 'hub/src/core/c.ts': '' };
    expect(judge(three)).toEqual(['has 3 source files and no index.ts']);
    expect(judge({ ...three, 'hub/src/core/index.ts': '/** Decides. */' })).toEqual([]);
    expect(judge({ ...three, 'hub/src/core/index.ts': "export * from './a.ts';" })).toEqual([
      'has no header',
    ]);
    expect(judge({ 'hub/src/core/a.ts': '', 'hub/src/core/a.test.ts': '', 'hub/src/core/b.ts': '' })).toEqual(
      [],
    );
  });
});

describe('decision records', () => {
  it('have numbers of their own, in name and title', () => {
    const found = decisionRule.find(
      repositoryOf({
        'shared/adr/0001-one.md': '# 0001 One\n',
        'shared/adr/0001-two.md': '# 0001 Two\n',
        'shared/adr/0003-three.md': '# 0002 Three\n',
        'shared/adr/four.md': '# 0004 Four\n',
      }),
    );
    expect(found.map(({ path, what }) => `${path} ${what}`)).toEqual([
      'shared/adr/0001-one.md has the number of shared/adr/0001-two.md',
      'shared/adr/0001-two.md has the number of shared/adr/0001-one.md',
      'shared/adr/0003-three.md has a title without 0003',
      'shared/adr/four.md is not named NNNN-title.md',
    ]);
  });
});
