import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enrol } from '@flotilla/agent/identity';
import type { PlanPreview } from '@flotilla/shared/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStateStore } from '../../fakes/state-store.ts';
import { type ChildOutcome, runChild } from '../../tools/child.ts';
import { ControlSide } from '../control-side/index.ts';
import { runGit } from '../git-server/isolated-git.ts';
import { joinOptions, never } from '../identity/joining.ts';
import { waitFor } from '../waiting.ts';
import { type BuiltCli, buildCli } from './cli-world.ts';

const file = 'apps/checkout/checkout.yaml';

let built: BuiltCli;
let folder: string;
let control: ControlSide;
let checkout: string;

beforeAll(async () => {
  built = await buildCli();
  folder = await mkdtemp(join(tmpdir(), 'flotilla-plan-'));
  control = await ControlSide.start({ folder, hubSettings: { 'poll-interval': '1s' } });
  for (const name of ['eu-1', 'us-1']) {
    const line = await control.client.joinLine(name, { env: 'prod', tier: 'full', region: name.slice(0, 2) });
    await enrol(joinOptions(line, memoryStateStore()), never);
  }
  await waitFor(
    'rules that take both clusters',
    async () => {
      const wanted = await Promise.all(['eu-1', 'us-1'].map((name) => isWanted(name)));
      return wanted.every((one) => one) ? true : undefined;
    },
    { withinMs: 60_000 },
  );
  checkout = await control.workshop.read(file);
});

afterAll(async () => {
  await control?.[Symbol.asyncDispose]();
  await built[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function isWanted(cluster: string): Promise<boolean> {
  try {
    return (await control.client.explain(cluster, 'checkout')).wanted !== undefined;
  } catch {
    return false;
  }
}

function run(cwd: string, ...words: readonly string[]): Promise<ChildOutcome> {
  const env = {
    FLOTILLA_DATA_DIR: control.settings.dataDir,
    GIT_CONFIG_GLOBAL: '/dev/null',
    FLOTILLA_HUB: undefined,
  };
  return runChild(process.execPath, [built.path, ...words], { cwd, env, output: 'capture' });
}

function planIn({ code, stderr, stdout }: ChildOutcome): PlanPreview {
  if (code > 1) throw new Error(stderr);
  return JSON.parse(stdout);
}

async function pushBranch(branch: string, files: { readonly [path: string]: string }) {
  const { clone } = control.workshop;
  const parent = (await clone.git(['rev-parse', 'main'])).toString().trim();
  const commit = await clone.commit(files, { branch, parent: parent as never, message: `try ${branch}` });
  await clone.push(control.settings.controlUrl, branch);
  return commit;
}

describe('plan against a real hub and a real Git server', () => {
  it('says what a branch would do, decides nothing, and says the same again', async () => {
    const commit = await pushBranch('feature', {
      [file]: checkout.replace('checkout:', 'checkout:feature-'),
    });
    const before = await control.client.status();

    const outcome = await run(folder, 'plan', '--ref', 'feature', '-o', 'json', '--exit-code');
    const plan = planIn(outcome);

    expect(outcome.code).toBe(1);
    expect(plan.after.commit?.id).toBe(commit);
    expect(plan.placements.map(({ placement }) => placement)).toEqual(['checkout']);
    expect(plan.placements[0]).toMatchObject({
      change: 'changed',
      changed: { count: 2, names: ['eu-1', 'us-1'] },
      added: { count: 0 },
      variants: [{ parts: ['content'], files: [{ path: file }] }],
      // Nobody of them has ever connected.
      waits: [{ code: 'Offline' }],
    });
    const byCommit = await run(folder, 'plan', '--commit', commit, '-o', 'json');
    expect(byCommit.code).toBe(0);
    expect(byCommit.stdout).toBe(outcome.stdout);
    const after = await control.client.status();
    expect(after.status.hub.decisionSeq).toBe(before.status.hub.decisionSeq);
    expect((await run(folder, 'plan', '--ref', 'feature', '--expect', plan.id.slice(0, 12))).code).toBe(0);
    expect(await run(folder, 'plan', '--ref', 'feature', '--expect', '0123456789')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('FLT-1010'),
    });
  });

  it('keeps the last good state of a file with a mistake, and removes nothing for it', async () => {
    await pushBranch('broken', {
      'fleet/policy.yaml': 'apiVersion: flotilla.dev/v1alpha1\nkind: FleetPolicy\nspec: {x: 1}\n',
    });
    const plan = planIn(await run(folder, 'plan', '--ref', 'broken', '-o', 'json'));
    expect(plan.errors.map(({ code, file: path }) => `${path} ${code}`)).toContain(
      'fleet/policy.yaml UNKNOWN_FIELD',
    );
    expect(plan.placements).toEqual([]);
  });

  it('asks for a person where a branch does not follow what is in force', async () => {
    const { clone } = control.workshop;
    await clone.commit(
      { 'README.md': 'another history' },
      { branch: 'other', parent: null, message: 'other' },
    );
    await clone.push(control.settings.controlUrl, 'other');
    const plan = planIn(await run(folder, 'plan', '--ref', 'other', '-o', 'json'));
    expect(plan.approvals.map(({ code }) => code)).toContain('NotFastForward');
  });

  it('refuses a branch that is not there', async () => {
    const outcome = await run(folder, 'plan', '--ref', 'featur', '-o', 'json');
    expect(outcome.code).toBe(3);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ error: { code: 'FLT-3005' } });
  });

  it('says the same of a working tree, with the clusters of the hub or of a file, before anything is committed', async () => {
    const tree = join(folder, 'tree');
    await runGit(['clone', '--quiet', control.settings.controlUrl, tree]);
    expect(planIn(await run(tree, 'plan', '-o', 'json')).placements).toEqual([]);
    const text = await readFile(join(tree, file), 'utf8');
    await writeFile(join(tree, file), text.replace('checkout:', 'checkout:local-'));

    const asked = await run(tree, 'plan', '-o', 'json', '--exit-code');
    const plan = planIn(asked);

    expect(asked.code).toBe(1);
    expect(plan.placements).toMatchObject([
      {
        placement: 'checkout',
        changed: { names: ['eu-1', 'us-1'] },
        rollouts: [{ kind: 'update', clusters: 2 }],
      },
    ]);
    const clusters = join(folder, 'clusters.json');
    await writeFile(clusters, (await run(folder, 'get', 'clusters', '-o', 'json')).stdout);
    const offline = await run(
      tree,
      'plan',
      '--clusters',
      clusters,
      '-o',
      'json',
      '--data-dir',
      '/nonexistent',
    );
    expect(offline.code).toBe(0);
    expect(offline.stdout).toBe(asked.stdout);
    const shown = await run(tree, 'plan', '--clusters', clusters, '--diff');
    expect(shown.stdout).toContain('checkout  changed');
    expect(shown.stdout).toMatch(/^\+ .*checkout:local-/m);
    expect((await runGit(['-C', tree, 'status', '--porcelain'])).toString().trim()).toBe(`M ${file}`);
  });

  it.each([
    [['--ref', 'main', '--dir', '.']],
    [['--ref', 'main', '--commit', 'a'.repeat(40)]],
    [['--commit', 'main']],
    [['--expect', 'x', '--ref', 'main']],
  ])('does not take %j', async (words) => {
    expect((await run(folder, 'plan', ...words)).code).toBe(2);
  });
});
