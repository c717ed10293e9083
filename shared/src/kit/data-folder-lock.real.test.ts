import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockDataFolder } from './data-folder-lock.ts';

const program = `
import { lockDataFolder } from ${JSON.stringify(join(import.meta.dirname, 'data-folder-lock.ts'))};
try {
  await lockDataFolder(process.argv[1], 'racer');
  console.log('locked');
  setInterval(() => {}, 1000);
} catch (error) {
  console.log(error.code);
}
`;

function start(folder: string): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '-e', program, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function word(child: ChildProcess): Promise<string> {
  const [chunk] = await once(child.stdout!, 'data');
  return String(chunk).trim();
}

test('of eight processes that find a dead lock one wins; after kill -9 the next one takes over', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-lock-'));
  await writeFile(join(folder, 'lock'), JSON.stringify({ pid: 999_999_999, host: hostname(), program: 'x' }));
  const racers = Array.from({ length: 8 }, () => start(folder));
  const words = await Promise.all(racers.map(word));
  expect(words.toSorted()).toEqual([...Array(7).fill('DATA_FOLDER_LOCKED'), 'locked']);
  const winner = racers[words.indexOf('locked')]!;
  winner.kill('SIGKILL');
  await once(winner, 'exit');
  await using _lock = await lockDataFolder(folder, 'test');
  await rm(folder, { recursive: true });
});
