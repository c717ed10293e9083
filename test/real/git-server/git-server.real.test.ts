import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  cloneRepository,
  createRepository,
  type GitServer,
  runGit,
  startGitServer,
  type TestRepository,
} from './index.ts';

let folder = '';
let server: GitServer;
let repository: TestRepository;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-git-server-'));
  repository = await createRepository(join(folder, 'shop.git'));
  server = await startGitServer({ root: folder, credentials: { secret: 'ada:s3cret' } });
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

describe('the server', () => {
  it('serves the git client: clone, fetch, push', async () => {
    const first = await repository.commit({ 'a.txt': 'one\n' });
    const clone = await cloneRepository(server.urlOf('shop'), join(folder, 'clone'));
    const second = await clone.commit({ 'a.txt': 'two\n' });

    await clone.push(server.urlOf('shop'));

    expect(await repository.idOf('main')).toBe(second);
    expect(await repository.idOf('main~1')).toBe(first);
    expect(server.stats('shop')).toMatchObject({ fetch: 1, push: 2 });
  });

  it('runs the post-receive hook of a push', async () => {
    const commit = await repository.commit({ a: '1' });
    await repository.installHook('post-receive', '#!/bin/sh\ncat > hook-input\n');
    const clone = await cloneRepository(server.urlOf('shop'), join(folder, 'clone'));
    const pushed = await clone.commit({ a: '2' });

    await clone.push(server.urlOf('shop'));

    const input = await runGit(['-C', repository.gitdir, 'hash-object', 'hook-input']);
    const expected = await runGit(['hash-object', '--stdin'], `${commit} ${pushed} refs/heads/main\n`);
    expect(input).toEqual(expected);
  });

  it('asks for credentials where it was told to', async () => {
    const secret = await createRepository(join(folder, 'secret.git'));
    await secret.commit({ a: '1' });
    const withUser = (user: string) => server.urlOf('secret').replace('//', `//${user}@`);

    await expect(runGit(['ls-remote', server.urlOf('secret')])).rejects.toThrow('could not read Username');
    await expect(runGit(['ls-remote', withUser('ada:wrong')])).rejects.toThrow('Authentication failed');
    expect((await runGit(['ls-remote', withUser('ada:s3cret')])).toString()).toContain('refs/heads/main');
    expect(server.stats('secret').unauthorized).toBeGreaterThan(1);
  });

  it('gives counts and takes faults over http', async () => {
    await repository.commit({ a: '1' });
    const put = (body: unknown) =>
      fetch(`${server.url}/_faults/shop`, { method: 'PUT', body: JSON.stringify(body) });

    expect((await put(['no-such-fault'])).status).toBe(400);
    expect((await put(['server-error'])).status).toBe(200);
    await expect(runGit(['ls-remote', server.urlOf('shop')])).rejects.toThrow('500');
    await put([]);
    expect((await runGit(['ls-remote', server.urlOf('shop')])).toString()).toContain('main');

    const stats: unknown = await (await fetch(`${server.url}/_stats`)).json();
    expect(stats).toMatchObject({ 'shop.git': { advertisement: 2, 'ls-refs': 1 } });
  });

  it('answers 404 for a repository that is not there', async () => {
    await expect(runGit(['ls-remote', server.urlOf('gone')])).rejects.toThrow('not found');
    expect((await fetch(`${server.url}/../etc/passwd`)).status).toBe(404);
  });

  it('is no obstacle to a clone while another request hangs', async () => {
    await repository.commit({ a: '1' });
    const other = await createRepository(join(folder, 'other.git'));
    await other.commit({ a: '1' });
    server.misbehave('other', 'hang');
    const hanging = fetch(`${server.urlOf('other')}/info/refs?service=git-upload-pack`).catch(() => 'ended');

    await cloneRepository(server.urlOf('shop'), join(folder, 'clone'));
    await server.close();

    expect(await hanging).toBe('ended');
  });
});

describe('a repository', () => {
  it('takes every kind of change', async () => {
    await repository.commit({ 'a/b.txt': 'one', gone: 'x' });

    await repository.commit({
      gone: null,
      run: { executable: '#!/bin/sh\n' },
      link: { symlink: 'a/b.txt' },
      module: { submodule: 'c'.repeat(40) },
      'ünï "quoted"': 'x',
    });

    const tree = await repository.git(['-c', 'core.quotePath=false', 'ls-tree', '-r', '-z', 'main']);
    const rows = tree
      .toString()
      .split('\0')
      .filter(Boolean)
      .map((line) => line.replace(/ [a-z]+ [0-9a-f]+\t/, ' '));
    expect(rows).toEqual([
      '100644 a/b.txt',
      '120000 link',
      '160000 module',
      '100755 run',
      '100644 ünï "quoted"',
    ]);
  });

  it('moves, forces and deletes branches', async () => {
    const first = await repository.commit({ a: '1' });
    await repository.commit({ a: '2' });
    await repository.setBranch('main', first);
    expect(await repository.idOf('main')).toBe(first);

    await repository.commit({ only: 'this' }, { replaceAll: true });
    const anew = await repository.commit({ b: '1' }, { parent: null, message: 'anew' });

    expect((await repository.git(['rev-list', 'main'])).toString().trim()).toBe(anew);
    await repository.deleteBranch('main');
    await expect(repository.idOf('main')).rejects.toThrow();
  });
});

describe('as a program', () => {
  it('prints one line of JSON, serves, and ends on SIGTERM with requests open', async () => {
    await repository.commit({ a: '1' });
    const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), '--root', folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve) =>
      child.stdout.once('data', (chunk) => resolve(String(chunk))),
    );
    const started: { url: string } = JSON.parse(line);
    const listed = await runGit(['ls-remote', `${started.url}/shop.git`]);
    await fetch(`${started.url}/_faults/shop`, { method: 'PUT', body: '["hang"]' });
    const hanging = fetch(`${started.url}/shop.git/info/refs`).catch(() => 'ended');

    const exit = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
    child.kill('SIGTERM');

    expect(listed.toString()).toContain('refs/heads/main');
    expect(await exit).toBe(0);
    expect(await hanging).toBe('ended');
  });
});
