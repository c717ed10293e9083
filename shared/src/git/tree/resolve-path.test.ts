import { describe, expect, it } from 'vitest';
import type { GitId } from '../../base/index.ts';
import { memoryStore } from '../store/memory-store.ts';
import { putTree } from './objects-fixture.ts';
import { resolvePath } from './resolve-path.ts';

const elsewhere = 'e'.repeat(40) as GitId;

async function resolve(path: string): Promise<string> {
  const store = memoryStore();
  const root = await putTree(store, {
    apps: { shop: { 'a.yaml': 'x' }, store: {} },
    unread: { mode: '40000', id: elsewhere },
    link: { mode: '120000', id: elsewhere },
    module: { mode: '160000', id: elsewhere },
  });
  const found = await resolvePath(store, root, path);
  if (!found.ok) return `${found.error.code}: ${found.error.text}`;
  return found.value.id === root ? 'the root' : `${found.value.kind} ${found.value.name}`;
}

describe('resolvePath', () => {
  it.each([
    ['', 'the root'],
    ['.', 'the root'],
    ['./', 'the root'],
    ['apps', 'tree apps'],
    ['apps/shop/', 'tree shop'],
    ['./apps/shop/a.yaml', 'file a.yaml'],
    ['unread', 'tree unread'],
  ])('finds %j, reading only what lies on the way', async (path, found) => {
    expect(await resolve(path)).toBe(found);
  });

  it.each([
    ['apps/shpo', 'PATH_MISSING: there is no "shpo" in apps; did you mean shop?'],
    ['app', 'PATH_MISSING: there is no "app" in the repository; did you mean apps?'],
    ['nothing-like-it', 'PATH_MISSING: there is no "nothing-like-it" in the repository'],
    ['apps/shop/a.yaml/b', 'PATH_THROUGH_FILE: apps/shop/a.yaml is a file, not a folder'],
    ['link/x', 'PATH_SYMLINK: link is a symbolic link'],
    ['module', 'PATH_SUBMODULE: module is a submodule'],
  ])('says why %j leads nowhere', async (path, why) => {
    expect(await resolve(path)).toBe(why);
  });

  it.each([
    '/',
    '/apps',
    '../apps',
    'apps/../..',
    'apps//shop',
    'apps/./shop',
    'apps\\shop',
    '.git/config',
    'a\0b',
  ])('refuses %j', async (path) => {
    expect(await resolve(path)).toMatch(/^PATH_INVALID/);
  });

  it('does not hide that a tree on the way is missing', async () => {
    await expect(resolve('unread/x')).rejects.toMatchObject({ code: 'GIT_OBJECT_MISSING' });
  });
});
