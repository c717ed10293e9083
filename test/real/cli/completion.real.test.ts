import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runChild } from '../../tools/child.ts';
import { type BuiltCli, buildCli, type CliWorld, startCliWorld } from './cli-world.ts';

let built: BuiltCli;
let world: CliWorld;
let script = '';

beforeAll(async () => {
  built = await buildCli();
  world = await startCliWorld(built);
  script = join(world.dataDir, 'completion.bash');
  await writeFile(script, (await world.run('completion', 'bash')).stdout);
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await built[Symbol.asyncDispose]();
});

/** What a real bash offers for the last of these words. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const program = `source "$1"; shift; COMP_WORDS=(flotilla "$@"); COMP_CWORD=$#; COMPREPLY=(); _flotilla; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const outcome = await runChild('bash', ['-euc', program, 'bash', script, ...words], { output: 'capture' });
  expect(outcome.stderr).toBe('');
  return outcome.stdout.split('\n').filter((line) => line !== '');
}

describe('completion in bash', () => {
  it.each<readonly [readonly string[], readonly string[]]>([
    [
      [''],
      [
        'get',
        'describe',
        'why',
        'why-not',
        'status',
        'rollout',
        'history',
        'wait',
        'validate',
        'test',
        'plan',
        'cluster',
        'source',
        'epoch',
        'version',
        'completion',
      ],
    ],
    [['st'], ['status']],
    [
      ['get', ''],
      ['clusters', 'placements', 'assignments', 'rollouts'],
    ],
    [['get', '-o', 'json', 'pl'], ['placements']],
    [['get', 'clusters', ''], []],
    [
      ['get', 'clusters', '-o', ''],
      ['table', 'wide', 'json', 'yaml', 'name'],
    ],
    [['get', 'clusters', '--no'], ['--no-headers']],
    [['describe', 'a'], ['assignment']],
    [
      ['cluster', ''],
      ['join-command', 'remove'],
    ],
    [
      ['cluster', 'join-command', 'x', '--profile', ''],
      ['admin', 'listed', 'namespaced'],
    ],
    [['source', ''], ['accept']],
    [['completion', 'z'], ['zsh']],
    [
      ['rollout', ''],
      [
        'status',
        'watch',
        'pause',
        'resume',
        'approve',
        'promote',
        'urgent',
        'abort',
        'undo',
        'retry',
        'skip',
        'approve-prune',
      ],
    ],
    [['rollout', 'undo', '--y'], ['--yes']],
  ])('offers for %j %j', async (words, expected) => {
    expect(await offered(...words)).toEqual(expected);
  });

  it('offers files where a path is wanted', async () => {
    expect(await offered('status', '--token-file', script.slice(0, -2))).toEqual([script]);
  });
});

describe('completion of the other shells', () => {
  it.each(['zsh', 'fish'])('knows every command and flag that bash knows: %s', async (shell) => {
    const bash = (await world.run('completion', 'bash')).stdout;
    const other = (await world.run('completion', shell)).stdout;
    const words = new Set(bash.match(/--[a-z][a-z-]+/g));
    for (const word of words) if (word !== '--help') expect(other).toContain(word.slice(2));
    expect(other).toContain('join-command');
  });

  it('is refused for a shell that is not known', async () => {
    expect((await world.run('completion', 'tcsh')).code).toBe(2);
  });
});
