import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataFolder } from './data-folder-lock.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

function writeLock(holder: object) {
  return writeFile(join(folder, 'lock'), JSON.stringify({ program: 'flotilla-hub', nonce: 'x', ...holder }));
}

/** No process has this pid: it is above the kernel's largest (4,194,304). */
const deadPid = 999_999_999;

test('a folder that is in use is refused with who uses it and the way out', async () => {
  await using _lock = await lockDataFolder(folder, 'flotilla-hub');
  await expect(lockDataFolder(folder, 'flotilla-hub')).rejects.toThrow(
    `flotilla-hub (process ${process.pid} on ${hostname()}) already works on ${folder}: flotilla-hub is not started twice on it; stop it first, or give this one another folder`,
  );
});

test('a released folder can be locked again and keeps nothing behind', async () => {
  await (await lockDataFolder(folder, 'flotilla-hub')).release();
  await (await lockDataFolder(folder, 'flotilla-hub')).release();
  expect(await readdir(folder)).toEqual([]);
});

test.each([
  ['of a dead process', { pid: deadPid, host: hostname(), processStart: '1' }],
  ['of an earlier process with the same pid', { pid: process.pid, host: hostname(), processStart: '1' }],
])('the lock %s is taken over', async (_name, holder) => {
  await writeLock(holder);
  await using _lock = await lockDataFolder(folder, 'flotilla-hub');
  expect(JSON.parse(await readFile(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
});

test('a lock file that was torn is taken over', async () => {
  await writeFile(join(folder, 'lock'), '{"pid":');
  await using _lock = await lockDataFolder(folder, 'flotilla-hub');
});

test('the lock of another machine holds until it gives no sign of life for a minute', async () => {
  await writeLock({ pid: 1, host: 'elsewhere', processStart: '1' });
  await expect(lockDataFolder(folder, 'flotilla-hub')).rejects.toMatchObject({
    code: 'DATA_FOLDER_LOCKED',
    retry: 'backoff',
  });
  const past = new Date(Date.now() - 61_000);
  await utimes(join(folder, 'lock'), past, past);
  await using _lock = await lockDataFolder(folder, 'flotilla-hub');
});

test('a lock that somebody else took over is not removed by its former holder', async () => {
  const lock = await lockDataFolder(folder, 'flotilla-hub');
  await writeLock({ pid: process.pid, host: hostname(), processStart: '' });
  await lock.release();
  expect(await readdir(folder)).toEqual(['lock']);
});
