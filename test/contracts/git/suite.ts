import type { GitPort, GitRemote, GitTree } from '@flotilla/hub/ports';
import type { GitId } from '@flotilla/shared/base';
import { expect, test } from 'vitest';
import { never } from '../never.ts';
import { credentialContract } from './credential-suite.ts';
import { files, type MakeWorld, remoteOf } from './git-world.ts';

/** The promises of the GitPort port; run on the real adapter and on the fake. */
export function gitContract(makeWorld: MakeWorld): void {
  refs(makeWorld);
  reading(makeWorld);
  paths(makeWorld);
  failures(makeWorld);
  credentialContract(makeWorld);
}

async function listed(port: GitPort, remote: GitRemote, commit: GitId, path: string): Promise<GitTree> {
  const tree = await port.listTree(remote, commit, path, never);
  return tree.ok ? tree.value : expect.fail(tree.error.text);
}

function refs(makeWorld: MakeWorld): void {
  test('a branch, a tag and a full commit id resolve to their commit, and a branch that moved to its new one', async () => {
    await using world = await makeWorld();
    const [port, remote] = [await world.open(), remoteOf(world)];
    const first = await world.commit(files);
    await world.tag('v1', first);
    for (const ref of ['main', 'refs/heads/main', 'v1', first])
      expect(await port.resolveRef(remote, ref, never)).toBe(first);
    const forced = await world.commit({ 'a.yaml': '2' }, { parent: null });
    expect(await port.resolveRef(remote, 'main', never)).toBe(forced);
    expect(await port.resolveRef(remote, 'v1', never)).toBe(first);
  });

  test('a branch that is missing or was deleted is GIT_REF_MISSING and named, never an empty repository', async () => {
    await using world = await makeWorld();
    const [port, remote] = [await world.open(), remoteOf(world)];
    await world.commit(files);
    await world.commit(files, { branch: 'feature' });
    await port.resolveRef(remote, 'feature', never);
    await world.deleteBranch('feature');
    for (const ref of ['feature', 'mian']) {
      const error: unknown = await port.resolveRef(remote, ref, never).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ name: 'GitError', code: 'GIT_REF_MISSING' });
      expect(String(error)).toContain(ref);
    }
  });

  test('a repository without a commit is an error of its own', async () => {
    await using world = await makeWorld();
    const resolving = (await world.open()).resolveRef(remoteOf(world), 'main', never);
    await expect(resolving).rejects.toMatchObject({ name: 'GitError', code: 'GIT_EMPTY_REPOSITORY' });
  });
}

function reading(makeWorld: MakeWorld): void {
  test('a commit tells author, subject, time, signature, root tree and parents', async () => {
    await using world = await makeWorld();
    const [port, remote] = [await world.open(), remoteOf(world)];
    const first = await world.commit(files);
    const second = await world.commit({ ...files, 'more.txt': '1' });
    const commit = await port.readCommit(remote, second, never);
    const told = { id: second, author: 'Ada Example', subject: 'change', parents: [first] };
    expect(commit).toMatchObject({ ...told, signature: 'unsigned' });
    expect(commit.tree).toBe(await world.treeAt(second, ''));
    expect(commit.committedAtS).toBeGreaterThan(1_600_000_000);
    expect((await port.readCommit(remote, first, never)).parents).toEqual([]);
  });

  test('a commit tells whom its trailer calls urgent, and most call nobody', async () => {
    await using world = await makeWorld();
    const [port, remote] = [await world.open(), remoteOf(world)];
    const urgentOf = async (message: string) => {
      const id = await world.commit(files, { message });
      return (await port.readCommit(remote, id, never)).urgent;
    };
    expect(await urgentOf('Fix it\n\nFlotilla-Urgent: true')).toBe('all');
    expect(await urgentOf('Fix it\n\nIt broke.\n\nFlotilla-Urgent: shop, net')).toEqual(['net', 'shop']);
    expect(await urgentOf('Flotilla-Urgent: true')).toBeUndefined();
  });

  test('a folder is listed whole, folders and all below it, sorted by path; unchanged folders keep their tree', async () => {
    await using world = await makeWorld();
    const [port, remote] = [await world.open(), remoteOf(world)];
    const first = await world.commit(files);
    await port.readCommit(remote, first, never);
    const root = await listed(port, remote, first, '');
    expect(root.entries.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'folder rules',
      'file rules.txt',
      'file rules/a.yaml',
      'folder rules/deep',
      'file rules/deep/b.yaml',
    ]);
    // As `git write-tree` says for these files.
    expect(root.treeId).toBe('d1faf3aac98727df457638bf7978cfdbb5328126');
    const rules = await listed(port, remote, first, 'rules');
    expect(rules.treeId).toBe(await world.treeAt(first, 'rules'));
    expect(rules.entries.map(({ path }) => path)).toEqual(['a.yaml', 'deep', 'deep/b.yaml']);
    const second = await world.commit({ ...files, 'rules.txt': 'y\n' });
    await port.readCommit(remote, second, never);
    expect(await listed(port, remote, second, 'rules')).toEqual(rules);
  });

  test('files are read by id in one batch, each once, however often they are asked for', async () => {
    await using world = await makeWorld();
    const [port, remote] = [await world.open(), remoteOf(world)];
    const commit = await world.commit({ 'a.txt': 'one', 'b.txt': 'two', 'c.txt': 'one' });
    await port.readCommit(remote, commit, never);
    const ids = (await listed(port, remote, commit, '')).entries.map(({ id }) => id);
    const blobs = await port.readBlobs(remote, commit, ids, never);
    const texts = [...blobs].map(([id, bytes]) => [id, new TextDecoder().decode(bytes)]);
    expect(texts).toEqual([
      [ids[0], 'one'],
      [ids[1], 'two'],
    ]);
    expect((await port.readBlobs(remote, commit, [], never)).size).toBe(0);
  });

  test('ancestry is told in both directions, also across a force-push', async () => {
    await using world = await makeWorld();
    const [port, remote] = [await world.open(), remoteOf(world)];
    const first = await world.commit(files);
    const second = await world.commit({ ...files, 'rules.txt': '2' });
    const third = await world.commit({ ...files, 'rules.txt': '3' });
    expect(await port.isAncestor(remote, first, third, never)).toBe('yes');
    expect(await port.isAncestor(remote, third, third, never)).toBe('yes');
    expect(await port.isAncestor(remote, third, first, never)).toBe('no');
    const forced = await world.commit({ 'a.yaml': '1' }, { parent: first });
    expect(await port.isAncestor(remote, second, forced, never)).toBe('no');
  });
}

function paths(makeWorld: MakeWorld): void {
  test('a path that leads nowhere says why as a value', async () => {
    await using world = await makeWorld();
    const [port, remote] = [await world.open(), remoteOf(world)];
    const commit = await world.commit({
      ...files,
      link: { symlink: 'rules' },
      module: { submodule: '1'.repeat(40) as GitId },
    });
    await port.readCommit(remote, commit, never);
    for (const [path, code, text] of [
      ['ruls', 'PATH_MISSING', 'rules'],
      ['rules/dep', 'PATH_MISSING', 'deep'],
      ['rules.txt', 'PATH_THROUGH_FILE', 'rules.txt'],
      ['rules.txt/x', 'PATH_THROUGH_FILE', 'rules.txt'],
      ['link', 'PATH_SYMLINK', 'link'],
      ['link/a.yaml', 'PATH_SYMLINK', 'link'],
      ['module', 'PATH_SUBMODULE', 'module'],
      ['../x', 'PATH_INVALID', '..'],
      ['/rules', 'PATH_INVALID', '/rules'],
    ] as const) {
      const error = { code, text: expect.stringContaining(text) };
      expect(await port.listTree(remote, commit, path, never)).toEqual({ ok: false, error });
    }
    const root = await listed(port, remote, commit, '');
    expect(root.entries.filter(({ kind }) => kind === 'symlink' || kind === 'submodule')).toHaveLength(2);
  });
}

function failures(makeWorld: MakeWorld): void {
  test('what was read stays readable while the server is away; a question to it is a GitError to try again', async () => {
    await using world = await makeWorld();
    const [port, remote] = [await world.open(), remoteOf(world)];
    const commit = await world.commit(files);
    await port.readCommit(remote, commit, never);
    const { entries } = await listed(port, remote, commit, 'rules');
    const ids = entries.filter(({ kind }) => kind === 'file').map(({ id }) => id);
    const blobs = await port.readBlobs(remote, commit, ids, never);
    await world.setUp(false);
    await expect(port.resolveRef(remote, 'main', never)).rejects.toMatchObject({
      name: 'GitError',
      retry: 'backoff',
    });
    expect((await port.readCommit(remote, commit, never)).id).toBe(commit);
    expect((await listed(port, remote, commit, 'rules')).entries).toEqual(entries);
    expect(await port.readBlobs(remote, commit, ids, never)).toEqual(blobs);
    await world.setUp(true);
    expect(await port.resolveRef(remote, 'main', never)).toBe(commit);
  });

  test('a commit or a file that the server does not have is a GitError', async () => {
    await using world = await makeWorld();
    const [port, remote] = [await world.open(), remoteOf(world)];
    const commit = await world.commit(files);
    await port.readCommit(remote, commit, never);
    const none = '1'.repeat(40) as GitId;
    await expect(port.readCommit(remote, none, never)).rejects.toMatchObject({ name: 'GitError' });
    await expect(port.readBlobs(remote, commit, [none], never)).rejects.toMatchObject({ name: 'GitError' });
  });

  test('a commit that a signer should have signed and none did is GIT_SIGNATURE; where nobody asks it is taken', async () => {
    await using world = await makeWorld();
    const [port, remote] = [await world.open(), remoteOf(world)];
    const commit = await world.commit(files);
    const signers = ['SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU'];

    await port.verifyCommit(remote, commit, never);
    await port.verifyCommit({ ...remote, signers: [] }, commit, never);

    await expect(port.verifyCommit({ ...remote, signers }, commit, never)).rejects.toMatchObject({
      name: 'GitError',
      code: 'GIT_SIGNATURE',
      message: expect.stringContaining('carries no signature'),
    });
  });

  test('an abort rejects with its reason', async () => {
    await using world = await makeWorld();
    const [port, remote] = [await world.open(), remoteOf(world)];
    const commit = await world.commit(files);
    const reason = new Error('stop');
    const aborted = AbortSignal.abort(reason);
    await expect(port.resolveRef(remote, 'main', aborted)).rejects.toBe(reason);
    await expect(port.readCommit(remote, commit, aborted)).rejects.toBe(reason);
    await expect(port.isAncestor(remote, commit, commit, aborted)).rejects.toBe(reason);
    expect((await port.readCommit(remote, commit, never)).id).toBe(commit);
    await expect(port.listTree(remote, commit, '', aborted)).rejects.toBe(reason);
  });
}
