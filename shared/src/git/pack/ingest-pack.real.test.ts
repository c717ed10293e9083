import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRepository, runGit, type TestRepository } from '../../../../test/real/git-server/index.ts';
import { type GitId, limits } from '../../base/index.ts';
import { memoryStore, type ObjectStore, openFolderStore } from '../store/index.ts';
import { ingestPack } from './ingest-pack.ts';
import { spoolPack } from './pack-spool.ts';
import { scanPack } from './scan-pack.ts';

/** Ends a file that hangs; on a busy machine its packs take minutes. */
const signal = AbortSignal.timeout(600_000);
const shownUrl = 'a pack of the git binary';
const bounds = {
  packBytesMax: limits.packBytesMax,
  inflatedBytesMax: limits.inflatedBytesMax,
  packObjectsMax: limits.packObjectsMax,
  objectBytesMax: limits.fileBytesMax,
  refsMax: 1,
};

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-packs-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A file that changes a little in each of 30 commits, so that Git makes long chains of deltas. */
async function commitChain(repository: TestRepository): Promise<readonly GitId[]> {
  const lines = Array.from({ length: 400 }, (_, index) => `line ${index} ${'x'.repeat(index % 50)}`);
  const commits: GitId[] = [];
  for (let version = 0; version < 30; version += 1) {
    lines[version * 7] = `changed in ${version}`;
    const notes = { [`notes/n${version}.md`]: `version ${version}\n` };
    commits.push(
      await repository.commit({ 'a.txt': lines.join('\n'), ...notes }, { message: `v${version}\n` }),
    );
  }
  return commits;
}

async function take(pack: Buffer, store: ObjectStore, format: 'sha1' | 'sha256' = 'sha1'): Promise<number> {
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < pack.length; at += 4_096) yield pack.subarray(at, at + 4_096);
  }
  const common = { format, shownUrl };
  await using spool = await spoolPack(chunks(), { ...bounds, ...common, scratchFolder: folder });
  await scanPack(spool, { ...common, limits: bounds, signal });
  return (await ingestPack(spool, { ...common, store, limits: bounds, signal })).objects;
}

interface KnownObject {
  readonly id: GitId;
  readonly type: string;
  readonly data: Buffer;
}

/** Every object of the repository as git itself tells it: `<id> <type> <size>`, the content, a line feed. */
async function allObjects(repository: TestRepository): Promise<readonly KnownObject[]> {
  const bytes = await repository.git(['cat-file', '--batch-all-objects', '--batch']);
  const objects: KnownObject[] = [];
  for (let at = 0; at < bytes.length; ) {
    const feed = bytes.indexOf(0x0a, at);
    const [id = '', type = '', size = ''] = bytes.toString('latin1', at, feed).split(' ');
    const end = feed + 1 + Number(size);
    objects.push({ id: id as GitId, type, data: bytes.subarray(feed + 1, end) });
    at = end + 1;
  }
  return objects;
}

describe.each([['sha1'], ['sha256']] as const)('packs of a %s repository', (objectFormat) => {
  it.each([
    ['with offset deltas', ['--delta-base-offset']],
    ['with deltas by id', []],
    ['without deltas', ['--window=0']],
    ['with long chains', ['--delta-base-offset', '--depth=50', '--window=50']],
    ['uncompressed', ['--compression=0']],
  ])('%s give every object that git has, and its bytes', async (_, options) => {
    const repository = await createRepository(join(folder, 'r.git'), { objectFormat });
    await commitChain(repository);
    await repository.tag('v1', await repository.idOf('main'), 'annotated');
    const packing = ['pack-objects', '--all', '--stdout', '--quiet', ...options];
    const store = memoryStore();

    const objects = await take(await repository.git(packing), store, objectFormat);

    const wanted = await allObjects(repository);
    expect(objects).toBe(wanted.length);
    for (const { id, type, data } of wanted) expect(await store.get(id)).toEqual({ id, type, data });
  });
});

it('a thin pack builds on what the store holds', async () => {
  const repository = await createRepository(join(folder, 'r.git'));
  const commits = await commitChain(repository);
  const [old, last] = [commits[20], commits[29]];
  const pack = (revisions: string, ...options: readonly string[]) =>
    repository.git(['pack-objects', '--revs', '--stdout', '--quiet', ...options], revisions);
  const store = memoryStore();
  await take(await pack(`${old}\n`), store);

  const thin = await pack(`${last}\n^${old}\n`, '--thin', '--delta-base-offset');
  await take(thin, store);

  const whole = await pack(`${last}\n^${old}\n`);
  expect(thin.length).toBeLessThan(whole.length);
  for (const { id } of await allObjects(repository)) expect(await store.has(id)).toBe(true);
  await expect(take(thin, memoryStore())).rejects.toMatchObject({ code: 'GIT_BASE_MISSING' });
});

it('the folder store is a repository that git itself reads and finds sound', async () => {
  const repository = await createRepository(join(folder, 'r.git'));
  await commitChain(repository);
  await using store = await openFolderStore({ folder: join(folder, 'store') });
  await take(await repository.git(['pack-objects', '--all', '--stdout', '--quiet']), store);

  const main = await repository.idOf('main');
  const log = await runGit(['-C', join(folder, 'store'), 'log', '--format=%s', main]);
  const check = await runGit(['-C', join(folder, 'store'), 'fsck', '--strict', '--no-dangling', main]);

  expect(log.toString().trim().split('\n')).toHaveLength(30);
  expect(check.toString()).toBe('');
});
