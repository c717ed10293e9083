import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CliError } from '../cli-error.ts';
import { findHub } from './find-hub.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-find-'));
});

afterEach(() => rm(folder, { recursive: true }));

const token = 'a'.repeat(43);

/** A data folder as a hub leaves it. */
async function dataFolder(name: string, port: number): Promise<string> {
  const dataDir = join(folder, name);
  await mkdir(dataDir);
  const tokenFile = join(dataDir, 'admin-token');
  await writeFile(tokenFile, `${token}-${name}\n`, { mode: 0o600 });
  const context = { format: 1, hub: `http://127.0.0.1:${port}`, tokenFile, dataDir };
  await writeFile(join(dataDir, 'cli-context.json'), JSON.stringify(context));
  return dataDir;
}

async function failureOf(promise: Promise<unknown>): Promise<readonly [string, number, string]> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof CliError) return [error.problem.code, error.exitCode, error.problem.text];
    throw error;
  }
  throw new Error('did not fail');
}

describe('the hub', () => {
  it('is the one of the flags, before the environment, before the context', async () => {
    const dataDir = await dataFolder('one', 7001);
    const tokenFile = join(dataDir, 'admin-token');
    const env = {
      FLOTILLA_HUB: 'http://127.0.0.1:7002',
      FLOTILLA_TOKEN_FILE: tokenFile,
      FLOTILLA_DATA_DIR: dataDir,
    };

    expect((await findHub({ hub: '127.0.0.1:7003', tokenFile }, env)).url.port).toBe('7003');
    expect((await findHub({}, env)).url.port).toBe('7002');
    expect((await findHub({}, { FLOTILLA_DATA_DIR: dataDir })).url.port).toBe('7001');
    expect(await findHub({ dataDir }, {})).toMatchObject({ token: `${token}-one`, dataDir });
  });

  it('is the one that was started last by this user when nothing is said', async () => {
    const dataDir = await dataFolder('two', 7004);
    await mkdir(join(folder, 'config', 'flotilla'), { recursive: true });
    const context = {
      format: 1,
      hub: 'http://127.0.0.1:7004',
      tokenFile: join(dataDir, 'admin-token'),
      dataDir,
    };
    await writeFile(join(folder, 'config', 'flotilla', 'context.json'), JSON.stringify(context));

    expect((await findHub({}, { XDG_CONFIG_HOME: join(folder, 'config') })).url.port).toBe('7004');
  });

  it('is unknown when nothing leads to one', async () => {
    expect(await failureOf(findHub({}, { HOME: folder }))).toEqual(['FLT-1002', 2, 'no hub is known']);
    const missing = join(folder, 'nothing');
    expect((await failureOf(findHub({ dataDir: missing }, {})))[0]).toBe('FLT-1002');
  });

  it('never gets the token of another hub', async () => {
    const dataDir = await dataFolder('three', 7005);
    const [code, exitCode] = await failureOf(findHub({ dataDir, hub: 'http://127.0.0.1:7006' }, {}));
    expect([code, exitCode]).toEqual(['FLT-1003', 7]);
    expect((await findHub({ dataDir, hub: '127.0.0.1:7005' }, {})).token).toBe(`${token}-three`);
  });

  it.each([
    ['http://hub.example:7440', 'show the token to the network'],
    ['ftp://127.0.0.1', 'is not the address of a hub'],
    ['http://', 'is not the address of a hub'],
  ])('at %s is not called', async (hub, text) => {
    const dataDir = await dataFolder('four', 7007);
    const failure = await failureOf(findHub({ hub, tokenFile: join(dataDir, 'admin-token') }, {}));
    expect(failure.slice(0, 2)).toEqual(['FLT-1001', 2]);
    expect(failure[2]).toContain(text);
  });

  it('elsewhere may be called over https', async () => {
    const dataDir = await dataFolder('five', 7008);
    const found = await findHub({ hub: 'https://hub.example', tokenFile: join(dataDir, 'admin-token') }, {});
    expect(found.url.origin).toBe('https://hub.example');
  });

  it.each([
    ['no JSON', '{'],
    ['a newer format', '{"format":2}'],
    ['a foreign hub', '{"format":1,"hub":"http://evil.example","tokenFile":"/x","dataDir":"/y"}'],
  ])('is not taken from a context that holds %s', async (_what, text) => {
    await writeFile(join(folder, 'cli-context.json'), text);
    expect((await failureOf(findHub({ dataDir: folder }, {})))[0]).toBe('FLT-1002');
  });

  it.each(['', 'two words', 'line\nline'])('is not called with a token file that holds %j', async (text) => {
    const path = join(folder, 'token');
    await writeFile(path, text);
    expect((await failureOf(findHub({ hub: '127.0.0.1:1', tokenFile: path }, {})))[0]).toBe('FLT-1003');
  });

  it('is not called when the token cannot be read', async () => {
    const path = join(folder, 'gone');
    expect((await failureOf(findHub({ hub: '127.0.0.1:1', tokenFile: path }, {})))[0]).toBe('FLT-1003');
    await mkdir(path);
    await chmod(path, 0o700);
    expect((await failureOf(findHub({ hub: '127.0.0.1:1', tokenFile: path }, {})))[0]).toBe('FLT-1003');
  });

  it('is unreachable, not locked, when it is gone with its data and only its context is left', async () => {
    const dataDir = await dataFolder('ended', 7009);
    await rm(join(dataDir, 'admin-token'));
    expect(await failureOf(findHub({ dataDir }, {}))).toEqual([
      'FLT-1004',
      6,
      'the hub that was started last on this machine, http://127.0.0.1:7009, is gone',
    ]);
  });
});
