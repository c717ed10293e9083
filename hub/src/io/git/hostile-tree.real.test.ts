import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRealRepository } from '../../../../test/contracts/git/real-repository.ts';
import { openGitReader } from './git-reader.ts';

const signal = AbortSignal.timeout(60_000);

test('what no file may be called is not listed: a name with a slash would stand for another folder', async () => {
  await using real = await openRealRepository();
  const { repository } = real;
  const blob = await repository.writeBlob('x');
  const evil = await repository.writeTree([{ mode: '100644', name: 'evil.yaml', id: blob }]);
  const good = await repository.writeTree([{ mode: '100644', name: 'a.yaml', id: blob }]);
  const apps = await repository.writeTree([{ mode: '40000', name: 'shop', id: good }]);
  const root = await repository.writeTree([
    { mode: '40000', name: '.git', id: evil },
    { mode: '40000', name: '..', id: evil },
    { mode: '40000', name: 'apps', id: apps },
    { mode: '40000', name: 'apps/shop', id: evil },
  ]);
  const commit = await repository.commitTree(root);
  await repository.setBranch('main', commit);
  const reader = await openGitReader({
    folder: join(real.folder, 'cache'),
    allowPlainHttpHosts: ['127.0.0.1'],
    deniedRanges: [],
    credentialOf: async () => undefined,
  });

  const remote = { url: real.url, credential: undefined, caBundlePem: undefined };
  const listed = await reader.listTree(remote, commit, '', signal);

  expect(listed).toMatchObject({
    ok: true,
    value: {
      entries: [
        { path: 'apps', kind: 'folder' },
        { path: 'apps/shop', kind: 'folder', id: good },
        { path: 'apps/shop/a.yaml', kind: 'file' },
      ],
    },
  });
  await reader.close();
});
