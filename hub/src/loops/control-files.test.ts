import { expect, it } from 'vitest';
import { memoryGit, memoryGitPort } from '../../../test/fakes/index.ts';
import { commitOf } from '../core/rollout/samples-fixture.ts';
import { ControlFiles } from './control-files.ts';
import { never } from './deciding-hub-fixture.ts';

const remote = { url: 'https://git.example.com/fleet', credential: undefined, caBundlePem: undefined };

function strategy(name: string, soak = '1m'): string {
  return `apiVersion: flotilla.dev/v1alpha1\nkind: RolloutStrategy\nmetadata: {name: ${name}}\nspec: {stages: [{name: all, remaining: true, soak: ${soak}}]}\n`;
}

/** Files of a control repository whose every commit comes into force. */
function start() {
  const git = memoryGit();
  const port = memoryGitPort(git);
  const control = new ControlFiles(port, remote);
  let ours: ReadonlySet<string> = new Set();
  return {
    /** Commits, looks, adopts what was seen and reads it as placing does. */
    async commit(files: Readonly<Record<string, string>>) {
      const id = git.commit(files);
      const seen = await control.readCommit(id, ours, never);
      const blobs = Object.fromEntries([...seen].map(([path, { blob }]) => [path, blob]));
      ours = new Set(seen.keys());
      const commit = { ...commitOf(1), id };
      const adopted = { commit, ref: 'main', sources: {}, files: blobs, broken: {} };
      return await control.readInForce({ kind: 'control-adopted', ...adopted }, never);
    },
  };
}

it('gives the same map for the same files, and parses nothing but what changed', async () => {
  const { commit } = start();
  const one = await commit({ 'a.yaml': strategy('a'), 'b.yaml': strategy('b'), 'apps/x.txt': '1' });
  const content = await commit({ 'a.yaml': strategy('a'), 'b.yaml': strategy('b'), 'apps/x.txt': '2' });
  const rule = await commit({ 'a.yaml': strategy('a', '2m'), 'b.yaml': strategy('b'), 'apps/x.txt': '2' });
  const back = await commit({ 'a.yaml': strategy('a'), 'b.yaml': strategy('b'), 'apps/x.txt': '2' });

  expect(content.files).toBe(one.files);
  expect(rule.files.get('b.yaml')).toBe(one.files.get('b.yaml'));
  expect(rule.files.get('a.yaml')?.parsed).not.toBe(one.files.get('a.yaml')?.parsed);
  expect(back.files.get('a.yaml')?.parsed).toBe(one.files.get('a.yaml')?.parsed);
});

it('takes a file that came, and not one that went', async () => {
  const { commit } = start();
  await commit({ 'a.yaml': strategy('a'), 'b.yaml': strategy('b') });
  const gone = await commit({ 'a.yaml': strategy('a') });
  const other = await commit({ 'a.yaml': strategy('a'), 'c.yaml': strategy('c') });

  expect([...gone.files.keys()]).toEqual(['a.yaml']);
  expect([...other.files.keys()]).toEqual(['a.yaml', 'c.yaml']);
  expect(other.files.get('c.yaml')?.parsed.documents).toHaveLength(1);
});

it('keeps apart what a file is while its path is in force: no YAML is a mistake only there', async () => {
  const git = memoryGit();
  const control = new ControlFiles(memoryGitPort(git), remote);
  const id = git.commit({ 'a.yaml': 'a: [' });
  const errorsWith = async (ours: readonly string[]) =>
    (await control.readCommit(id, new Set(ours), never)).get('a.yaml')?.parsed.errors.length;

  expect(await errorsWith([])).toBe(0);
  expect(await errorsWith(['a.yaml'])).toBe(1);
  expect(await errorsWith([])).toBe(0);
});
