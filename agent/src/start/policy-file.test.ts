import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '@flotilla/shared/base';
import { planStart } from '@flotilla/shared/kit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { agentRules, agentSettings } from '../config.ts';
import { inspectPolicy, loadPolicy } from './policy-file.ts';

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-policy-'));
  file = join(folder, 'policy.yaml');
});
afterEach(() => rm(folder, { recursive: true }));

const good = `apiVersion: flotilla.dev/v1alpha1
kind: AgentPolicy
spec:
  namespaces: [shop]
`;

/** The lines that `--check-config` prints about mistakes. */
async function check(text: string): Promise<readonly string[]> {
  await writeFile(file, text);
  const plan = await planStart(agentSettings, {
    args: ['--check-config', '--policy-file', file],
    env: {},
    help: { usage: '', summary: '' },
    rules: agentRules,
    inspect: inspectPolicy,
  });
  return plan.kind === 'refuse' ? plan.text.split('\n').slice(1, -2) : [];
}

it('is read at the start, and is none where none is set', async () => {
  await writeFile(file, good);
  expect(await loadPolicy({ policyFile: file })).toMatchObject({ file, namespaces: ['shop'] });
  expect(await loadPolicy({ policyFile: undefined })).toBeUndefined();
  expect(await check(good)).toEqual([]);
});

it.each([
  ['kind: [', ':1 '],
  [good.replace('[shop]', '[Shop]'), ': spec.namespaces: "Shop" is not a namespace'],
  [good.replace('namespaces', 'namespace'), ': spec.namespace is not known'],
  ['', ': the document is not a mapping'],
  [`# ${'x'.repeat(limits.policyBytesMax)}`, 'is larger than'],
])('with a mistake lets no agent start, and is named with its place: %#', async (text, why) => {
  const [first = ''] = await check(text);
  expect(first).toContain(`policy-file ${file}`);
  expect(first).toContain(why);
  expect(first).toContain('(flag --policy-file)');
  await expect(loadPolicy({ policyFile: file })).rejects.toMatchObject({
    code: 'POLICY_FILE',
    retry: 'never',
  });
});

it('is read as the manual shows it', async () => {
  const manual = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const [, example = ''] = /```yaml\n(apiVersion: \S+\nkind: AgentPolicy\n[\s\S]+?)```/.exec(manual) ?? [];
  expect(await check(example)).toEqual([]);
  const policy = await loadPolicy({ policyFile: file });
  expect(Object.entries(policy ?? {}).filter(([, rule]) => rule === undefined)).toEqual([]);
});

it('that is not there is not taken for none', async () => {
  await expect(loadPolicy({ policyFile: file })).rejects.toThrow(`policy-file ${file} cannot be read`);
});
