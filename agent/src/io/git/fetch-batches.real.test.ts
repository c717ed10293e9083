import { join } from 'node:path';
import type { Content } from '@flotilla/shared/model';
import { expect, test } from 'vitest';
import { openRealRepository } from '../../../../test/contracts/git/real-repository.ts';
import { openContentReader } from './content.ts';

const signal = AbortSignal.timeout(60_000);
const names = Array.from({ length: 20 }, (_, index) => `app-${index}`);

test('twenty assignments of one commit ask a real server once to see what it can, and twice for trees', async () => {
  await using real = await openRealRepository();
  const commit = await real.commit(
    Object.fromEntries(names.map((name) => [`${name}/a.yaml`, `a: ${name}\n`])),
  );
  const reader = await openContentReader({
    folder: join(real.folder, 'cache'),
    allowPlainHttpHosts: ['127.0.0.1'],
    deniedRanges: [],
  });
  const contentOf = async (path: string): Promise<Content> => ({
    repositoryUrl: real.url,
    credential: undefined,
    commit: { id: commit, author: 'Ada', subject: 's', committedAtS: 0 },
    ref: 'main',
    trees: [{ path, treeId: await real.treeAt(commit, path) }],
    requiredSigners: [],
    caBundlePem: undefined,
  });
  const contents = await Promise.all(names.map(contentOf));

  const fetched = await Promise.all(contents.map((content) => reader.fetch(content, undefined, signal)));

  expect(fetched.map(({ files }) => files.map(({ path }) => path))).toEqual(
    names.map((name) => [`${name}/a.yaml`]),
  );
  expect(fetched.every(({ rung }) => rung === 'tree')).toBe(true);
  expect(real.server.stats('shop')).toMatchObject({ advertisement: 1, fetch: 2 });
  await reader.close();
});
