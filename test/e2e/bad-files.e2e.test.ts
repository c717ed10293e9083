import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileChange } from '../real/git-server/index.ts';
import type { MemberCluster } from '../real/member-cluster/index.ts';
import { type BadInput, outlive } from './world/bad-input.ts';
import { untilAllReady } from './world/expect.ts';
import { World } from './world/world.ts';

const rule = 'fleet/placements/checkout.yaml';
const application = 'apps/checkout/checkout.yaml';
const placed = 7;

describe('bad input in the control repository', () => {
  let world: World;
  let member: MemberCluster;
  beforeAll(async () => {
    world = await World.start({
      clusters: [{ name: 'eu-1', labels: { env: 'prod', region: 'eu' } }],
      hubSettings: { 'poll-interval': '1s' },
    });
    member = world.member('eu-1');
    await untilAllReady(world, (items) => items.size === placed);
    await member.mark();
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  /** A file as the example has it. */
  const original = async (path: string) =>
    (await world.control.workshop.clone.git(['show', `main:${path}`])).toString();

  /** A commit with bad files, and one that puts the good ones back. */
  async function badCommit(
    change: (good: string) => Readonly<Record<string, FileChange>>,
    rest: Pick<BadInput, 'says' | 'placement' | 'isOnPage'>,
  ): Promise<BadInput> {
    const { workshop } = world.control;
    const good = await original(rule);
    const bad = change(good);
    const undo = Object.keys(bad).map((path): [string, FileChange] => [path, path === rule ? good : null]);
    return {
      ...rest,
      bring: () => workshop.push(bad, 'A mistake'),
      mend: async () => {
        await workshop.push(Object.fromEntries(undo), 'The mistake is gone');
      },
    };
  }

  const at = (line: number, column: number, commit: string) =>
    `${rule}:${line}:${column}@${commit.slice(0, 12)} `;

  it('broken YAML in a placement file is said with file, line, column and commit', async () => {
    const broken = await badCommit(
      (good) => ({ [rule]: good.replace('namespace: checkout', 'namespace: [checkout') }),
      {
        says: (commit) => [at(9, 3, commit), 'YAML_SYNTAX', 'must be sufficiently indented and end with a ]'],
      },
    );
    await outlive(world, broken);
  });

  it('an unknown field is said with its place and the field that was probably meant', async () => {
    const unknown = await badCommit(
      (good) => ({ [rule]: good.replace('createNamespace:', 'createNamspace:') }),
      {
        says: (commit) => [at(9, 3, commit), 'UNKNOWN_FIELD', 'createNamespace'],
      },
    );
    await outlive(world, unknown);
  });

  it('a missing path is said where it is written, with the folder that was probably meant', async () => {
    const missing = await badCommit((good) => ({ [rule]: good.replace('apps/checkout', 'apps/chekout') }), {
      says: (commit) => [at(7, 11, commit), 'PATH_MISSING', 'apps/chekout', 'apps/checkout'],
    });
    await outlive(world, missing);
  });

  it('a symbolic link in the content is refused where the path is written', async () => {
    const link = await badCommit(() => ({ 'apps/checkout/extra.yaml': { symlink: '/etc/passwd' } }), {
      says: (commit) => [at(7, 11, commit), 'SYMLINK', 'apps/checkout/extra.yaml', 'commit the file itself'],
    });
    await outlive(world, link);
  });

  it('a placement file that became a symbolic link withdraws nothing', async () => {
    const link = await badCommit(() => ({ [rule]: { symlink: 'storefront.yaml' } }), {
      says: (commit) => [at(1, 1, commit), 'SYMLINK', 'commit the file itself'],
    });
    await outlive(world, link);
  });

  it('a new file that does not parse is said beside the placements, since it is none yet', async () => {
    const path = 'fleet/placements/new.yaml';
    const broken = await badCommit(
      () => ({ [path]: 'apiVersion: flotilla.dev/v1alpha1\nkind: [Placement\n' }),
      {
        says: (commit) => [new RegExp(`${path}:\\d+:\\d+@${commit.slice(0, 12)} YAML_SYNTAX .`)],
        isOnPage: false,
      },
    );
    await outlive(world, broken);
  });

  it('none of it led to a write, and good input still does', async () => {
    expect(await member.agentWriteLines()).toEqual([]);
    expect(await member.agentDeletes()).toEqual([]);

    const commit = await world.control.workshop.pushCheckout('2.6.0', 'Checkout: a good version');
    await untilAllReady(world, (items) => items.get('eu-1/checkout')?.status.appliedCommit === commit);
    expect(await original(application)).toContain('checkout:2.6.0');
    expect(await member.agentDeletes()).toEqual([]);
  });
});
