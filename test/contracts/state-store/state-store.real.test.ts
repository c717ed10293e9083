import { spawn } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openFolderStore } from '@flotilla/agent/io/state-store';
import { describe, expect, test } from 'vitest';
import { never } from '../never.ts';
import { type StateStoreWorld, stateStoreContract } from './suite.ts';

async function makeWorld(): Promise<StateStoreWorld & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-state-store-'));
  return {
    folder,
    open: () => openFolderStore(folder),
    async tear(key, which) {
      await truncate(join(folder, `${key}.json`), 10);
      // Also where there was none before: a crash in the first write leaves nothing readable either.
      if (which === 'all') await writeFile(join(folder, `${key}.prev`), 'flotilla-record 1 x\n');
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Counts up in one key as fast as it can and says each number once its write has resolved. */
const counting = `
import { openFolderStore } from '@flotilla/agent/io/state-store';
const store = await openFolderStore(process.argv[1]);
const never = new AbortController().signal;
for (let value = (await store.read('counter', never) ?? 0) + 1; ; value += 1) {
  await store.write('counter', value, never);
  process.stdout.write(value + '\\n');
}`;

/** Lets a process count from where it finds the counter, kills it in the middle, and gives the last number it said. */
async function countUntilKilled(folder: string, lines: number): Promise<number> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', counting, folder], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = 0;
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    said = Number(line);
    seen += 1;
    if (seen === lines) child.kill('SIGKILL');
  }
  return said;
}

describe('a state store in a folder', () => {
  stateStoreContract(makeWorld);

  test('what was acknowledged survives kill -9 of the process at any moment', async () => {
    await using world = await makeWorld();
    for (const lines of [1, 7, 20, 33]) {
      const said = await countUntilKilled(world.folder, lines);
      const store = await world.open();
      expect(await store.read('counter', never)).toBeGreaterThanOrEqual(said);
      expect(said).toBeGreaterThanOrEqual(lines);
      expect(store.damage).toEqual([]);
      expect(await store.list('', never)).toEqual(['counter']);
    }
  });
});
