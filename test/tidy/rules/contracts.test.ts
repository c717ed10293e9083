import { describe, expect, it } from 'vitest';
import { repositoryOf } from '../repository.ts';
import { contractRule } from './contracts.ts';

const rows = {
  Clockwork: {
    suite: 'test/contracts/clockwork/suite.ts',
    fake: 'test/contracts/clockwork/clockwork.test.ts',
    real: 'test/contracts/clockwork/clockwork.real.test.ts',
  },
};
const good = {
  'agent/src/ports.ts':
    'export interface Clockwork {\n  tick(): void;\n}\nexport interface Hand {\n  readonly length: number;\n}\n',
  'test/contracts/clockwork/suite.ts': 'export const cases = [];',
  'test/contracts/clockwork/clockwork.test.ts': "import { cases } from './suite.ts';",
  'test/contracts/clockwork/clockwork.real.test.ts': "import { cases } from './suite.ts';",
};
const judge = (texts: Record<string, string>) =>
  contractRule(rows)
    .find(repositoryOf(texts))
    .map(({ path, what }) => `${path} ${what}`);

describe('contract suites', () => {
  it('are wanted for what has methods or comes by itself, and not for data', () => {
    expect(judge(good)).toEqual([]);
    const more = 'export interface Bell {\n  readonly strokes: AsyncIterable<number>;\n}\n';
    expect(judge({ ...good, 'hub/src/ports.ts': more })).toEqual([
      'hub/src/ports.ts declares Bell, which has no contract suite',
    ]);
  });

  it('are not kept for what is no port any more', () => {
    expect(judge({ ...good, 'agent/src/ports.ts': '' })).toEqual([
      'test/tidy/rules/contracts.ts names Clockwork, which is no port',
    ]);
  });

  it('are run by both tests', () => {
    const { 'test/contracts/clockwork/clockwork.test.ts': _, ...without } = good;
    expect(judge(without)).toEqual([
      'test/contracts/clockwork/clockwork.test.ts is missing: the contract suite of Clockwork',
    ]);
    expect(judge({ ...good, 'test/contracts/clockwork/clockwork.real.test.ts': '' })).toEqual([
      'test/contracts/clockwork/clockwork.real.test.ts does not import test/contracts/clockwork/suite.ts, the suite of Clockwork',
    ]);
  });

  it('belong to a port', () => {
    expect(judge({ ...good, 'test/contracts/other/suite.ts': '' })).toEqual([
      'test/contracts/other/suite.ts is the suite of no port',
    ]);
  });
});
