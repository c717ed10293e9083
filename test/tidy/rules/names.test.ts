import { expect, it } from 'vitest';
import { repositoryOf } from '../repository.ts';
import { nameRule } from './names.ts';

const judge = (path: string) => nameRule.find(repositoryOf({ [path]: '' })).map(({ what }) => what);

it.each([
  'hub/src/core/plan-waves.test.ts',
  'shared/README.md',
  'shared/adr/0001-nats-client.md',
  '.ci/run',
  'test/real/kube-controller-manager.ts',
  'deploy/examples/control-repo/apps/Some_App/x.yaml',
  'deploy/hub/templates/_names.tpl',
])('accepts %s', (path) => {
  expect(judge(path)).toEqual([]);
});

it.each([
  ['hub/src/core/planWaves.ts', 'which is not kebab-case'],
  ['hub/src/Core/plan.ts', 'which is not kebab-case'],
  ['hub/src/core/string-utils.ts', 'is named "utils"'],
  ['shared/src/common/index.ts', 'is named "common"'],
  ['agent/src/io/connection-manager.ts', 'is named "manager"'],
])('refuses %s', (path, what) => {
  expect(judge(path).join()).toContain(what);
});
