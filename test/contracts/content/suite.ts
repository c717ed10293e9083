import type { ContentPort, FetchedContent } from '@flotilla/agent/ports';
import type { GitId } from '@flotilla/shared/base';
import type { BoundCredential, Content } from '@flotilla/shared/model';
import { expect, test } from 'vitest';
import type { Files } from '../../fakes/git-objects.ts';
import { never } from '../never.ts';

/** A Git server with one repository, an agent's way to it, and what a test may do to both. */
export interface ContentWorld extends AsyncDisposable {
  /** An agent whose cache is empty. */
  open(): Promise<ContentPort>;
  readonly url: string;
  /** Commits a whole tree. */
  commit(files: Files): Promise<GitId>;
  /** The tree of a folder of a commit. */
  treeAt(commit: GitId, path: string): Promise<GitId>;
  /** Whether the server answers. */
  setUp(isUp: boolean): Promise<void>;
  /** From now on the server wants this token. */
  demand(token: string): Promise<void>;
  /** Requests that reached the server, also those it refused. */
  asked(): Promise<number>;
}

type MakeWorld = () => Promise<ContentWorld>;

/** The promises of the ContentPort port; run on the real adapter and on the fake. */
export function contentContract(makeWorld: MakeWorld): void {
  contents(makeWorld);
  caching(makeWorld);
  failures(makeWorld);
}

const app = {
  'app/b.yaml': 'b: 1\n',
  'app/a/deep.yaml': 'deep\n',
  'lib/base.yaml': 'base\n',
  'other.txt': 'x',
};

async function contentOf(world: ContentWorld, commit: GitId, ...paths: readonly string[]): Promise<Content> {
  const trees: Content['trees'][number][] = [];
  for (const path of paths) trees.push({ path, treeId: await world.treeAt(commit, path) });
  return {
    repositoryUrl: world.url,
    credential: undefined,
    commit: { id: commit, author: 'Ada', subject: 's', committedAtS: 0 },
    ref: 'main',
    trees,
    requiredSigners: [],
    caBundlePem: undefined,
  };
}

function textsOf(fetched: FetchedContent): readonly string[] {
  return fetched.files.map(({ path, bytes }) => `${path}=${new TextDecoder().decode(bytes)}`);
}

function token(text: string, url: string): BoundCredential {
  return { name: 'github', url, kind: 'token', token: text };
}

function contents(makeWorld: MakeWorld): void {
  test('all files of the trees that are named, and no others, by their paths in the repository, sorted', async () => {
    await using world = await makeWorld();
    const content = await contentOf(world, await world.commit(app), 'lib', 'app');
    const fetched = await (await world.open()).fetch(content, undefined, never);
    expect(textsOf(fetched)).toEqual(['app/a/deep.yaml=deep\n', 'app/b.yaml=b: 1\n', 'lib/base.yaml=base\n']);
    expect(fetched).toMatchObject({ commit: content.commit.id, trees: content.trees, problems: [] });
  });

  test('the root of the repository is a tree like any other, and overlapping trees give each file once', async () => {
    await using world = await makeWorld();
    const content = await contentOf(world, await world.commit(app), '', 'app');
    const fetched = await (await world.open()).fetch(content, undefined, never);
    expect(fetched.files.map(({ path }) => path)).toEqual([
      'app/a/deep.yaml',
      'app/b.yaml',
      'lib/base.yaml',
      'other.txt',
    ]);
  });

  test('what is refused by name or kind is left out and said by its path', async () => {
    await using world = await makeWorld();
    const files = {
      ...app,
      'app/link': { symlink: '/etc/passwd' },
      'app/module': { submodule: '1'.repeat(40) as GitId },
      'app/B.yaml': 'clash',
      'app/large.bin': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
    };
    const content = await contentOf(world, await world.commit(files), 'app');
    const fetched = await (await world.open()).fetch(content, undefined, never);
    expect(fetched.files.map(({ path }) => path)).toEqual(['app/a/deep.yaml']);
    expect(fetched.problems.map(({ path, code }) => `${path} ${code}`)).toEqual([
      'app/B.yaml CASE_CLASH',
      'app/b.yaml CASE_CLASH',
      'app/large.bin LFS_POINTER',
      'app/link SYMLINK',
      'app/module SUBMODULE',
    ]);
  });

  test('bytes are given as they are', async () => {
    await using world = await makeWorld();
    const text = '\u0000ä\r\n no line end';
    const content = await contentOf(world, await world.commit({ 'app/raw': text }), 'app');
    const fetched = await (await world.open()).fetch(content, undefined, never);
    expect(textsOf(fetched)).toEqual([`app/raw=${text}`]);
  });
}

function caching(makeWorld: MakeWorld): void {
  test('what was fetched before is there with the server away; what was not is a GitError to try again', async () => {
    await using world = await makeWorld();
    const port = await world.open();
    const old = await contentOf(world, await world.commit(app), 'app');
    const first = await port.fetch(old, undefined, never);
    expect(first.rung).not.toBe('cache');
    const next = await contentOf(world, await world.commit({ ...app, 'app/b.yaml': 'b: 2\n' }), 'app');
    await world.setUp(false);
    const again = await port.fetch(old, undefined, never);
    expect(again).toEqual({ ...first, rung: 'cache' });
    await expect(port.fetch(next, undefined, never)).rejects.toMatchObject({
      name: 'GitError',
      retry: 'backoff',
    });
    await world.setUp(true);
    expect(textsOf(await port.fetch(next, undefined, never))).toContain('app/b.yaml=b: 2\n');
  });

  test('many that ask at the same time all get theirs', async () => {
    await using world = await makeWorld();
    const port = await world.open();
    const commit = await world.commit(app);
    const wanted = await Promise.all(['app', 'lib', 'app', ''].map((path) => contentOf(world, commit, path)));
    const fetched = await Promise.all(wanted.map((content) => port.fetch(content, undefined, never)));
    expect(fetched.map(({ files }) => files.length)).toEqual([2, 1, 2, 4]);
  });
}

function failures(makeWorld: MakeWorld): void {
  test('of a commit that a signer should have signed and none did, nothing is given', async () => {
    await using world = await makeWorld();
    const content = await contentOf(world, await world.commit(app), 'app');
    const requiredSigners = ['SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU'];
    const port = await world.open();
    await expect(port.fetch({ ...content, requiredSigners }, undefined, never)).rejects.toMatchObject({
      name: 'GitError',
      code: 'GIT_SIGNATURE',
      retry: 'never',
    });
  });

  test('a tree that the server does not have is a GitError, never fewer files', async () => {
    await using world = await makeWorld();
    const content = await contentOf(world, await world.commit(app), 'app');
    const treeId = '1'.repeat(40) as GitId;
    const wrong = { ...content, trees: [...content.trees, { path: 'gone', treeId }] };
    await expect((await world.open()).fetch(wrong, undefined, never)).rejects.toMatchObject({
      name: 'GitError',
    });
  });

  test('the credential that is handed in opens a repository; a wrong one or none is GIT_UNAUTHORIZED, without it', async () => {
    await using world = await makeWorld();
    const content = await contentOf(world, await world.commit(app), 'app');
    await world.demand('s3cret');
    const port = await world.open();
    for (const credential of [undefined, token('wr0ng', world.url)]) {
      const error: unknown = await port.fetch(content, credential, never).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ name: 'GitError', code: 'GIT_UNAUTHORIZED' });
      expect(String(error)).not.toContain('wr0ng');
    }
    expect((await port.fetch(content, token('s3cret', world.url), never)).files).toHaveLength(2);
  });

  test('a credential for another server is sent nowhere, and a repository without it stays shut', async () => {
    await using world = await makeWorld();
    const content = await contentOf(world, await world.commit(app), 'app');
    await world.demand('s3cret');
    const port = await world.open();
    const before = await world.asked();
    for (const url of ['https://other.example.org', `${world.url}/deeper`, 'no url']) {
      const error: unknown = await port
        .fetch(content, token('s3cret', url), never)
        .catch((caught: unknown) => caught);
      expect(error).toMatchObject({ name: 'GitError', code: 'GIT_CREDENTIAL_ELSEWHERE' });
      expect(String(error)).toContain('credential github ');
      expect(String(error)).not.toContain('s3cret');
    }
    expect(await world.asked()).toBe(before);
  });

  test('an abort rejects with its reason', async () => {
    await using world = await makeWorld();
    const content = await contentOf(world, await world.commit(app), 'app');
    const reason = new Error('a newer row came');
    const port = await world.open();
    await expect(port.fetch(content, undefined, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect((await port.fetch(content, undefined, never)).files).toHaveLength(2);
    await expect(port.fetch(content, undefined, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
}
