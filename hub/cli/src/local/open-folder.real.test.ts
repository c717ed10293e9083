import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runGit } from '../../../../test/real/git-server/isolated-git.ts';
import type { LocalTree } from './local-tree.ts';
import { openLocal } from './open-folder.ts';

const { signal } = new AbortController();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-local-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: { readonly [path: string]: string }): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

const git = (...args: readonly string[]) => runGit(['-C', folder, ...args]);

function sorted({ entries }: LocalTree) {
  return [...entries].sort((left, right) => (left.path < right.path ? -1 : 1));
}

describe('a folder of this machine', () => {
  it('has the ids, modes and links that git gives, with git and without', async () => {
    await write({
      'a.yaml': 'a\n',
      'apps/shop/a.yaml': 'a\n',
      'apps/shop.d/b.yaml': 'b\n',
      'apps/run.sh': '#!',
    });
    await chmod(join(folder, 'apps/run.sh'), 0o755);
    await symlink('a.yaml', join(folder, 'apps/shop.d/link.yaml'));
    await using plain = await openLocal(folder, signal);
    const byHand = await plain.workingTree(signal);
    await git('init', '--quiet');
    await git('add', '--all');
    await git('commit', '--quiet', '--message=all');

    await using repository = await openLocal(folder, signal);
    const committed = await repository.revision('HEAD', signal);

    expect(committed).toMatchObject({
      treeId: byHand.treeId,
      commit: { author: 'Ada Example', subject: 'all' },
    });
    expect(sorted(committed)).toEqual(sorted(byHand));
    expect(sorted(await repository.workingTree(signal))).toEqual(sorted(byHand));
  });

  it('is read with what is not committed, and its contents can be read', async () => {
    await write({ 'a.yaml': 'a\n' });
    await git('init', '--quiet');
    await git('add', '--all');
    await git('commit', '--quiet', '--message=all');
    await write({ 'a.yaml': 'changed\n', 'new.yaml': 'new\n' });
    await using repository = await openLocal(folder, signal);

    const tree = await repository.workingTree(signal);
    const contents = await repository.contents(
      [...tree.entries, ...(await repository.revision('HEAD', signal)).entries].map(({ id }) => id),
      signal,
    );

    expect([...contents.values()].map((bytes) => Buffer.from(bytes).toString()).sort()).toEqual([
      'a\n',
      'changed\n',
      'new\n',
    ]);
    expect((await git('count-objects')).toString()).toMatch(/^3 objects/);
  });

  it('has no revision that nobody made', async () => {
    await git('init', '--quiet');
    await using repository = await openLocal(folder, signal);
    for (const ref of ['main', '--output=x', 'HEAD~1'])
      await expect(repository.revision(ref, signal)).rejects.toMatchObject({ code: 'FLT-1009' });
  });
});
