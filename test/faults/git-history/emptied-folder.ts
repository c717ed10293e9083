import { deepStrictEqual } from 'node:assert/strict';
import type { GitId } from '@flotilla/shared/base';
import { crashHub, outlive, untilSteady } from '../../e2e/world/bad-input.ts';
import { exitOf } from '../../e2e/world/command-line.ts';
import { emptiedRepository } from '../../e2e/world/history-faults.ts';
import { until } from '../../e2e/world/until.ts';
import type { World } from '../../e2e/world/world.ts';
import type { FaultOutcome, FaultRun } from '../main.ts';
import type { Settings } from '../settings.ts';
import {
  deletedSettings,
  placementFile,
  placementPath,
  type SmallPlacement,
  type SmallWorld,
  startSmallWorld,
} from './small-world.ts';

const settings: Settings = { a: '1', b: '1', c: '1' };
const placements: Readonly<Record<string, SmallPlacement>> = { letters: { settings }, numbers: { settings } };
const names = Object.keys(placements);

/**
 * S14: a commit takes every file out of the control repository, and another one every placement. Both wait for a person,
 * across deaths of hub and agent, and meanwhile everything is kept as it was, drift corrected too; put back, nothing has
 * happened; accepted, exactly the objects of the placements go.
 */
export async function emptiedFolder({ say }: FaultRun): Promise<FaultOutcome> {
  await using small = await startSmallWorld(placements, say);
  const { broken, member, world } = small;
  await small.part('a repository without any file was outlived', async () => {
    await outlive(world, { ...(await emptiedRepository(world)), placement: 'letters' });
  });
  await small.part('a folder without placements was outlived', () => outliveEmptyFolder(small));
  await small.part('nothing was deleted so far', async () => {
    deepStrictEqual((await member.agentDeletes()).length, 0);
  });
  await small.part('what a person agreed to is gone', () => acceptEmptyFolder(small));
  return { figures: { placements: names.length, deleted: await deletedSettings(member) }, broken };
}

async function outliveEmptyFolder({ world, member }: SmallWorld): Promise<void> {
  const before = await untilSteady(world);
  const commit = await takeAway(world);
  await untilHeld(world, commit);
  await crashHub(world);
  await member.killAgent();
  await member.startAgent();
  await untilHeld(world, commit);
  await untilCorrected(member);
  deepStrictEqual(await untilSteady(world), before);
  await putBack(world);
  await until('nothing is held any more', async () => {
    const items = await world.control.get('placements', '--all');
    return items.every(({ status }) => status.held.length === 0) ? true : undefined;
  });
  deepStrictEqual(await untilSteady(world), before);
}

async function acceptEmptyFolder({ world, member }: SmallWorld): Promise<void> {
  const commit = await takeAway(world);
  await untilHeld(world, commit);
  const reason = 'this fleet is not needed any more';
  const { code, stderr } = await exitOf(world, 'source', 'accept', 'control', commit, '--reason', reason);
  deepStrictEqual([code, stderr.includes('error')], [0, false]);
  await until('no assignment is left', async () => {
    const items = await world.control.get('assignments', '--all');
    return items.length === 0 ? true : undefined;
  });
  const owned = names.flatMap((name) => Object.keys(settings).map((key) => `${name}/${key}`)).sort();
  deepStrictEqual(await deletedSettings(member), owned);
}

/** A commit without a placement; the rest of the rules stays. */
async function takeAway({ control }: World): Promise<GitId> {
  const files = Object.fromEntries(names.map((name) => [placementPath(name), null]));
  return await control.workshop.push(files, 'No placements');
}

async function putBack({ control }: World): Promise<void> {
  const files = names.map((name) => [placementPath(name), placementFile(name, { settings })]);
  await control.workshop.push(Object.fromEntries(files), 'The placements are back');
}

/** Each placement says what waits, why, and how a person agrees. */
async function untilHeld(world: World, commit: GitId): Promise<void> {
  let last: unknown;
  await until('every placement waits for a person', async () => {
    const items = await world.control.get('placements', '--all');
    last = items.map(({ metadata, status }) => [metadata.name, status.held]);
    const isHeld = ({ status: { held } }: (typeof items)[number]) =>
      held.length === 1 &&
      held[0]?.code === 'WithdrawHeld' &&
      held[0].text.includes(`flotilla source accept control ${commit}`);
    return items.length === names.length && items.every(isHeld) ? true : undefined;
  }).catch((error: Error) => {
    throw new Error(`${error.message}; shown: ${JSON.stringify(last)}`);
  });
}

/** What is kept is still looked after. */
async function untilCorrected(member: SmallWorld['member']): Promise<void> {
  const path = '/api/v1/namespaces/letters/configmaps/a';
  await member.edit(path, { data: { value: 'by hand' } });
  await until('drift corrected while everything waits', async () => {
    const found = await member.read<{ readonly data: { readonly value: string } }>(path);
    return found?.data.value === settings['a'] ? true : undefined;
  });
}
