import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterItem, FakeHubApi, smallFleet } from '../../fakes/hub-api/index.ts';
import { runChild } from '../../tools/child.ts';
import { rootFolder } from '../../tools/paths.ts';
import { runGit } from '../git-server/isolated-git.ts';
import { type BuiltCli, buildCli, type CliWorld, startCliWorld } from './cli-world.ts';

interface Example {
  readonly fleet: string;
  readonly command: string;
  readonly output: string;
}

const manual = await readFile(join(rootFolder, 'hub/cli/README.md'), 'utf8');

/** Examples of the manual: what stands behind `$ ` in blocks of console, with what follows it. */
const examples: readonly Example[] = [
  ...manual.matchAll(/^```console(?: fleet=(\w+))?\n([\s\S]*?)^```$/gm),
].flatMap(([, fleet = 'small', block = '']) =>
  block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const end = text.indexOf('\n');
      return { fleet, command: text.slice(0, end), output: text.slice(end + 1) };
    }),
);

/** Files of the manual's working tree. */
const files = [...manual.matchAll(/^```yaml file=(\S+)\n([\s\S]*?)^```$/gm)].map(
  ([, path = '', text = '']) => ({
    path,
    text,
  }),
);

/** A Git repository with the manual's files, committed; every example runs in one of its own. */
async function writeWorkingTree(folder: string): Promise<string> {
  const content = ['apps/ingress/app.yaml', 'apps/ingress-eu/app.yaml'].map((path) => ({
    path,
    text: `# ${path}\n`,
  }));
  for (const { path, text } of [...files, ...content]) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await runGit(['-C', folder, 'init', '--quiet', '--initial-branch=main']);
  await runGit(['-C', folder, 'add', '--all']);
  // The commit has the same id wherever and whenever it is made.
  const date = '2026-11-23T12:00:00Z';
  const dates = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  await runGit(['-C', folder, 'commit', '--quiet', '--message=ingress'], '', dates);
  return folder;
}

const fleets: Readonly<Record<string, () => FakeHubApi>> = { small: smallFleet, large: largeFleet };

function largeFleet(): FakeHubApi {
  const api = new FakeHubApi();
  for (let number = 1; number <= 10_000; number += 1) {
    const state = number % 89 === 0 ? 'Degraded' : 'Ready';
    api.put('clusters', clusterItem(`edge-${number}`, { state: number % 500 === 0 ? 'Unknown' : state }));
  }
  return api;
}

let built: BuiltCli;

beforeAll(async () => {
  built = await buildCli();
});

afterAll(() => built[Symbol.asyncDispose]());

/** What stands in the manual for what differs from run to run. */
function general(text: string, world: CliWorld): string {
  return text
    .replaceAll(world.dataDir, '/var/lib/flotilla')
    .replaceAll(`127.0.0.1:${world.port}`, '127.0.0.1:7440')
    .replaceAll(/[bsp]{26,43}/g, (secret) => `${secret.slice(0, 3)}…`);
}

describe('the manual of the command line', () => {
  it('has examples', () => {
    expect(examples.length).toBeGreaterThan(12);
  });

  it.each(examples)('prints what it shows: $command', async ({ fleet, command, output }) => {
    const world = await startCliWorld(built, fleets[fleet]?.());
    try {
      if (fleet === 'small' && command.includes('# the hub is down')) await world.stop();
      const shell = `flotilla() { "$FLOTILLA_NODE_PATH" "$FLOTILLA_CLI_PATH" "$@"; }; { ${command.replace(/ +#.*$/, '')}; } 2>&1`;
      const outcome = await runChild('bash', ['-c', shell], {
        cwd: await writeWorkingTree(join(world.dataDir, 'fleet')),
        env: { ...world.env, FLOTILLA_NODE_PATH: process.execPath, FLOTILLA_CLI_PATH: built.path },
        output: 'capture',
      });
      expect(general(outcome.stdout, world)).toBe(output);
    } finally {
      await world[Symbol.asyncDispose]();
    }
  });
});
