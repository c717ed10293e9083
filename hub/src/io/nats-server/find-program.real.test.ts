import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findNatsProgram } from './index.ts';

const never = new AbortController().signal;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-program-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the program', () => {
  async function fake(text: string): Promise<string> {
    const path = join(folder, 'nats-server');
    await writeFile(path, `#!/bin/sh\necho '${text}'\n`);
    await chmod(path, 0o755);
    return path;
  }

  it('is found on PATH', async () => {
    await fake('nats-server: v2.12.0');
    const found = await findNatsProgram({ path: undefined, searchPath: `/nowhere:${folder}` }, never);
    expect(found).toEqual({ path: join(folder, 'nats-server'), version: '2.12.0' });
  });

  it.each([
    ['nats-server: v2.11.9', 'NATS_SERVER_VERSION', /is nats-server 2.11.9, and 2.12.0 or newer is needed/],
    ['something else', 'NATS_SERVER_MISSING', /does not say its version/],
  ])('that says %j is refused with the way out', async (text, code, message) => {
    const path = await fake(text);
    const failure = await findNatsProgram({ path, searchPath: '' }, never).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(String(failure)).toContain('--nats-server PATH');
  });

  it('that is nowhere is one clear line', async () => {
    await expect(findNatsProgram({ path: undefined, searchPath: folder }, never)).rejects.toThrow(
      /nats-server was not found: install it/,
    );
    await expect(findNatsProgram({ path: join(folder, 'no'), searchPath: '' }, never)).rejects.toThrow(
      /cannot be started/,
    );
  });
});
