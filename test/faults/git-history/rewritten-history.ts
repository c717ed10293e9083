import { deepStrictEqual } from 'node:assert/strict';
import { type BadInput, outlive } from '../../e2e/world/bad-input.ts';
import { exitOf } from '../../e2e/world/command-line.ts';
import { untilAllReady } from '../../e2e/world/expect.ts';
import { deletedBranch, forcedPush, servedRepository } from '../../e2e/world/history-faults.ts';
import { until } from '../../e2e/world/until.ts';
import type { World } from '../../e2e/world/world.ts';
import type { FaultOutcome, FaultRun } from '../main.ts';
import { liveSettings, settingsAfter, settingsBefore, settingsFiles } from '../settings.ts';
import {
  applicationPath,
  deletedSettings,
  memberName,
  type SmallWorld,
  startSmallWorld,
} from './small-world.ts';

const tag = 'stable';
const followers = { letters: { settings: settingsBefore }, tagged: { settings: settingsBefore, ref: tag } };

/**
 * S16: the control branch is rewritten or deleted; a tag that a placement follows moves to another history or is deleted.
 * Each is named, nothing on the cluster changes, across a death of the hub; a person who accepts the tag's new commit gets
 * what it says and not more.
 */
export async function rewrittenHistory({ isShort, say }: FaultRun): Promise<FaultOutcome> {
  await using small = await startSmallWorld(followers, say);
  const { broken, member, world } = small;
  const all: readonly (readonly [name: string, input: () => Promise<BadInput>])[] = [
    ['a force push', () => forcedPush(world)],
    ['a moved tag', () => movedTag(world)],
    ['a deleted tag', () => deletedTag(world)],
    ['a deleted branch', () => deletedBranch(world)],
  ];
  const inputs = isShort ? all.slice(0, 2) : all;
  for (const [name, input] of inputs)
    await small.part(`${name} was outlived`, async () => {
      await outlive(world, { placement: 'tagged', ...(await input()) });
    });
  await small.part('nothing was written so far', async () => {
    deepStrictEqual(await member.agentWriteLines(), []);
    deepStrictEqual(await deletedSettings(member), []);
  });
  await small.part('the moved tag that a person accepted is there', () => acceptMovedTag(small));
  const deleted = await deletedSettings(member);
  return { figures: { outlived: inputs.map(([name]) => name), deleted }, broken };
}

/** Another history, in which an object of the placement is not there any more. */
async function anotherHistory(world: World): Promise<string> {
  const files = settingsFiles(settingsAfter, applicationPath('tagged'));
  return await servedRepository(world).commit(files, { branch: 'rewritten', parent: null });
}

async function moveTag(world: World, commit: string): Promise<void> {
  await servedRepository(world).git(['update-ref', `refs/tags/${tag}`, commit]);
}

async function movedTag(world: World): Promise<BadInput> {
  const before = await servedRepository(world).idOf(`refs/tags/${tag}`);
  return {
    placement: 'tagged',
    bring: async () => {
      const commit = await anotherHistory(world);
      await moveTag(world, commit);
      return commit;
    },
    mend: () => moveTag(world, before),
    says: (commit) => [
      'NotFastForward',
      `${commit.slice(0, 12)} does not follow ${before.slice(0, 12)}`,
      `flotilla source accept control ${commit}`,
    ],
  };
}

async function deletedTag(world: World): Promise<BadInput> {
  const served = servedRepository(world);
  const before = await served.idOf(`refs/tags/${tag}`);
  return {
    placement: 'tagged',
    bring: async () => {
      await served.git(['update-ref', '-d', `refs/tags/${tag}`]);
      return undefined;
    },
    mend: () => moveTag(world, before),
    says: () => [
      ...['SourceUnavailable', `no branch or tag "${tag}"`, 'push the branch or tag again'],
      'stays in force',
    ],
  };
}

async function acceptMovedTag({ world, member }: SmallWorld): Promise<void> {
  const commit = await anotherHistory(world);
  await moveTag(world, commit);
  const accept = ['source', 'accept', 'control', commit, '--reason', 'the release was made anew'];
  await until('a person may accept it', async () => (await exitOf(world, ...accept)).code === 0 || undefined);
  await untilAllReady(world, (items) => items.get(`${memberName}/tagged`)?.status.appliedCommit === commit);
  deepStrictEqual(await liveSettings(member.plane.admin, 'tagged'), settingsAfter);
  deepStrictEqual(await liveSettings(member.plane.admin, 'letters'), settingsBefore);
  deepStrictEqual(await deletedSettings(member), ['tagged/gone']);
}
