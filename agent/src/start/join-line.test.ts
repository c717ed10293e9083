import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planStart } from '@flotilla/shared/kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentRules, agentSettings } from '../config.ts';
import { inspectJoin, readJoinLine } from './join-line.ts';

const secret = 'S'.repeat(43);
const pin = 'P'.repeat(43);
const line = `hub.example:7444/flt1.${'a'.repeat(26)}.${secret}.${pin}`;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-join-line-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** The lines that `--check-config` prints about mistakes. */
async function check(args: readonly string[], env: { readonly [name: string]: string } = {}) {
  const plan = await planStart(agentSettings, {
    args: ['--check-config', ...args],
    env,
    help: { usage: '', summary: '' },
    rules: agentRules,
    inspect: inspectJoin,
  });
  return plan.kind === 'refuse'
    ? plan.text
        .split('\n')
        .slice(1, -2)
        .map((text) => text.trim())
    : [];
}

async function fileOf(text: string): Promise<string> {
  const path = join(folder, 'line');
  await writeFile(path, text);
  return path;
}

describe('--check-config of an agent', () => {
  it('takes a good line, from wherever it comes', async () => {
    expect(await check(['--join', line])).toEqual([]);
    expect(await check([], { FLOTILLA_JOIN: line })).toEqual([]);
    expect(await check(['--join-file', await fileOf(`${line}\n`)])).toEqual([]);
    expect(await check(['--join', line.replace('hub.example', '127.0.0.1'), '--insecure-skip-pin'])).toEqual(
      [],
    );
  });

  it.each([
    ['nonsense', 'a join line has two parts'],
    [line.slice(0, -1), 'is not a pin of 43 characters'],
    [line.replace(`.${pin}`, `.sha256:${pin}`), 'is not a pin of 43 characters'],
    [line.replace(`.${pin}`, ''), 'has four parts'],
    [line.replace('flt1', 'flt9'), 'starts with "flt1."'],
    [line.replace(':7444', ''), 'is not HOST:PORT'],
    [`https://${line}`, 'has two parts'],
  ])('names what is wrong with the line %#, and where it stands, without its secret', async (text, why) => {
    const file = await fileOf(text);
    for (const [found, place] of [
      [await check(['--join', text]), /^join holds no join line: .* \(flag --join\)$/],
      [await check([], { FLOTILLA_JOIN: text }), /\(environment variable FLOTILLA_JOIN\)$/],
      [await check(['--join-file', file]), /^join-file .*line holds no join line: .* \(flag --join-file\)$/],
    ] as const) {
      expect(found).toEqual([expect.stringContaining(why)]);
      expect(found[0]).toMatch(place);
      expect(found[0]).toContain(
        'copy it whole, or make a new one with "flotilla cluster join-command NAME"',
      );
      expect(found[0]).not.toContain(secret);
    }
  });

  it('names a file that cannot be read, and why', async () => {
    expect(await check(['--join-file', join(folder, 'none')])).toEqual([
      `join-file ${folder}/none cannot be read: it does not exist; put the line that "flotilla cluster join-command NAME" prints into it (flag --join-file)`,
    ]);
    expect(await check(['--join-file', folder])).toEqual([expect.stringContaining('it is a folder')]);
    expect(await check(['--join-file', await fileOf('\n')])).toEqual([expect.stringContaining('is empty')]);
    const large = await check(['--join-file', await fileOf('x'.repeat(5_000))]);
    expect(large).toEqual([expect.stringContaining('is too large to be a join line')]);
  });

  it('tells everything at once', async () => {
    const args = [
      '--join',
      'x',
      '--join-file',
      join(folder, 'none'),
      '--cluster-name',
      'EU 1',
      '--resync-interval=1s',
    ];
    const found = await check([...args, '--plain-http-hosts', 'git.example']);
    expect(found).toEqual([
      expect.stringMatching(/^resync-interval is out of bounds/),
      expect.stringMatching(
        /^join and join-file are both given: give one \(flag --join, flag --join-file\)$/,
      ),
      expect.stringMatching(/^plain-http-hosts: git.example is not a loopback host/),
      expect.stringMatching(/^join holds no join line/),
      expect.stringMatching(/^join-file .* does not exist/),
      expect.stringMatching(/^cluster-name: .* \(flag --cluster-name\)$/),
    ]);
  });

  it('refuses to skip the pin of a hub elsewhere', async () => {
    expect(await check(['--join', line, '--insecure-skip-pin'])).toEqual([
      'insecure-skip-pin is for hubs on this machine, and join leads to hub.example: leave it out (flag --insecure-skip-pin)',
    ]);
  });
});

it('a file that this user may not read is said to be so', async () => {
  const joinFile = await fileOf(line);
  await chmod(joinFile, 0o000);
  const read = await readJoinLine({ join: undefined, joinFile });
  // The superuser may read everything.
  if (process.getuid?.() === 0) expect(read).toEqual({ ok: true, value: line });
  else expect(read.ok ? '' : read.error).toContain('this user may not read it');
});
