import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCliContext } from '@flotilla/shared/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeCliContext } from './cli-context.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-context-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('the file by which the command line finds the hub', () => {
  const address = { host: '127.0.0.1', port: 7440 };

  it('lies in the data folder and behind the pointer of the user, and can be read back', async () => {
    const pointer = join(folder, 'config', 'context.json');
    const tokenFile = join(folder, 'admin-token');

    const written = await writeCliContext({ dataDir: folder, address, tokenFile, pointer });

    expect(written.ok).toBe(true);
    const context = { format: 1, hub: 'http://127.0.0.1:7440', tokenFile, dataDir: folder };
    for (const path of [join(folder, 'cli-context.json'), pointer]) {
      expect(parseCliContext(await readFile(path, 'utf8'))).toEqual({ ok: true, value: context });
    }
  });

  it('is written to the data folder also when the pointer cannot be', async () => {
    await writeFile(join(folder, 'occupied'), '');
    const pointer = join(folder, 'occupied', 'context.json');

    const written = await writeCliContext({ dataDir: folder, address, tokenFile: 'x', pointer });

    expect(written.ok ? '' : written.error).toContain('cannot be written');
    expect(await readFile(join(folder, 'cli-context.json'), 'utf8')).toContain('7440');
  });
});
