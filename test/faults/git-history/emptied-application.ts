import { deepStrictEqual, match, ok } from 'node:assert/strict';
import type { AssignmentItem } from '@flotilla/shared/model';
import { outlive } from '../../e2e/world/bad-input.ts';
import { exitOf, screenOf } from '../../e2e/world/command-line.ts';
import { untilAllReady } from '../../e2e/world/expect.ts';
import { until } from '../../e2e/world/until.ts';
import type { World } from '../../e2e/world/world.ts';
import type { FaultOutcome, FaultRun } from '../main.ts';
import { liveSettings, type Settings, settingsFiles } from '../settings.ts';
import {
  applicationPath,
  deletedSettings,
  memberName,
  type SmallWorld,
  startSmallWorld,
} from './small-world.ts';

const name = 'letters';
const assignment = `${memberName}/${name}`;
const settings: Settings = Object.fromEntries([...'abcdefghij'].map((letter) => [letter, '1']));
const files = settingsFiles(settings, applicationPath(name));
/** 80 % of ten. */
const going = [...'cdefghij'];
const goingFiles = Object.fromEntries(going.map((key) => [`${applicationPath(name)}/${key}.yaml`, null]));

/**
 * S15: the path of an application is gone, then there is nothing to apply in it, then four fifths of its objects are gone.
 * Nothing is deleted for it; of the last, the first object and their number are shown, and when a person allows that list
 * exactly it goes.
 */
export async function emptiedApplication({ say }: FaultRun): Promise<FaultOutcome> {
  await using small = await startSmallWorld({ [name]: { settings } }, say);
  const { broken, member, world } = small;
  await small.part('a path that is gone was outlived', async () => {
    await outlive(world, {
      placement: name,
      bring: () => push(world, { ...emptied(), 'README.md': 'moved\n' }),
      mend: async () => void (await push(world, files)),
      says: (commit) => [commit.slice(0, 12), 'PATH_MISSING', applicationPath(name)],
    });
  });
  await small.part('a path without a manifest was outlived', () => outliveNothingToApply(small));
  await small.part('nothing was deleted so far', async () => {
    deepStrictEqual(await deletedSettings(member), []);
    deepStrictEqual(await liveSettings(member.plane.admin, name), settings);
  });
  await small.part('exactly what a person allowed is gone', () => allowMost(small));
  return {
    figures: { objects: Object.keys(settings).length, deleted: await deletedSettings(member) },
    broken,
  };
}

const push = async (world: World, change: Readonly<Record<string, string | null>>) =>
  await world.control.workshop.push(change, 'A change of the application');

function emptied(): Readonly<Record<string, null>> {
  return Object.fromEntries(Object.keys(files).map((path) => [path, null]));
}

async function itemOf(world: World): Promise<AssignmentItem | undefined> {
  const items = await world.control.get('assignments', '--all');
  return items.find(({ metadata }) => metadata.name === assignment);
}

/** The agent finds files and no object in them: that is a mistake, and no wish to have nothing. */
async function outliveNothingToApply({ world }: SmallWorld): Promise<void> {
  await push(world, { ...emptied(), [`${applicationPath(name)}/notes.txt`]: 'nothing to apply\n' });
  const found = await until('nothing to apply is said', async () => {
    const item = await itemOf(world);
    return item?.status.reason?.code === 'NothingToApply' ? item : undefined;
  });
  deepStrictEqual(found.status.state, 'Stalled');
  await push(world, { ...files, [`${applicationPath(name)}/notes.txt`]: null });
  await untilAllReady(world);
}

/** The budget of the product: at most 20 objects, and 30 % of ten or more. */
async function allowMost({ world, member }: SmallWorld): Promise<void> {
  await push(world, goingFiles);
  const held = await until(
    'deletes that wait for a person',
    async () => (await itemOf(world))?.status.heldPrune,
  );
  deepStrictEqual(held.total, going.length);
  ok(held.objects.includes(`ConfigMap ${name}/${going[0]}`), `${held.objects}`);
  deepStrictEqual((await itemOf(world))?.status.state, 'Stalled');
  const why = (await screenOf(world, 'why', memberName, name)).lines;
  match(why.join('\n'), /waits for permission \(ConfigMap letters\/c \(and 7 more\)\)/);
  const next = why.find((line) => line.startsWith('next'))?.replace(/^next +flotilla +/, '') ?? '';
  deepStrictEqual(
    next,
    `rollout approve-prune ${name} --cluster ${memberName} --hash ${held.listHash.slice(0, 12)}`,
  );
  deepStrictEqual(await deletedSettings(member), []);

  const { code, stderr } = await exitOf(world, ...next.split(' '), '--reason', 'not used any more');
  deepStrictEqual([code, stderr], [0, stderr]);
  await until('what was allowed is gone', async () => {
    const left = Object.keys(await liveSettings(member.plane.admin, name));
    return left.length === Object.keys(settings).length - going.length ? true : undefined;
  });
  await exitOf(world, 'rollout', 'resume', name);
  await untilAllReady(world, (items) => items.get(assignment)?.status.objects.total === 2);
  deepStrictEqual(
    await deletedSettings(member),
    going.map((key) => `${name}/${key}`),
  );
  deepStrictEqual(await liveSettings(member.plane.admin, name), { a: '1', b: '1' });
}
