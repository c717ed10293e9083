import { deepStrictEqual } from 'node:assert/strict';
import type { AssignmentItem } from '@flotilla/shared/model';
import { type ShownTroubles, shownTroubles } from './command-line.ts';
import { until } from './until.ts';
import type { World } from './world.ts';

/** One kind of bad input: how it comes, what people read of it, and how it goes. */
export interface BadInput {
  /** Brings it; returns the commit that it came with, where there is one. */
  readonly bring: () => Promise<string | undefined>;
  readonly mend: () => Promise<void>;
  /** Everything that the one message must say: the place, the cause, what to do, what stays. */
  readonly says: (commit: string) => readonly (string | RegExp)[];
  /** The placement whose page is read. Default checkout. */
  readonly placement?: string;
  /** False for a mistake that is about no placement: the page of one has nothing to say of it. Default true. */
  readonly isOnPage?: boolean;
}

/**
 * Brings bad input, reads the one message of it before and after a restart of the hub, and mends it; throughout, every
 * assignment stays Ready at the version and the commit that it had.
 */
export async function outlive(world: World, input: BadInput): Promise<void> {
  const before = await untilSteady(world);
  try {
    const commit = await input.bring();
    await untilOneMessage(world, input, commit ?? '');
    deepStrictEqual(await untilSteady(world), before);

    await crashHub(world);
    await untilOneMessage(world, input, commit ?? '');
    deepStrictEqual(await untilSteady(world), before);
  } finally {
    await input.mend();
  }
  await untilSilent(world, input);
  deepStrictEqual(await untilSteady(world), before);
}

/** Ends the hub as a power cut would, and starts it again. */
export async function crashHub(world: World): Promise<void> {
  await world.control.killHub();
  await world.control.restartHub();
}

/** What every message about a control repository that cannot be read says: the branch, the URL, and what stays. */
export async function unreadable(world: World): Promise<readonly string[]> {
  const { status } = await world.control.client.status();
  const inForce = status.control.commit?.id.slice(0, 12);
  return ['main', world.control.settings.controlUrl, `commit ${inForce} stays in force`];
}

/** Waits until every one of the commands shows one message, and that says all that it must. */
async function untilOneMessage(world: World, input: BadInput, commit: string): Promise<void> {
  const wanted = input.says(commit);
  let last: ShownTroubles | undefined;
  await until('one message that says everything', async () => {
    last = await shownTroubles(world, input.placement ?? 'checkout');
    const { table, json, page, document } = last;
    const onPage = input.isOnPage === false ? [] : [page, document];
    if (input.isOnPage === false && page.length + document.length > 0) return undefined;
    return [table, json, ...onPage].every((shown) => isOne(shown, wanted)) ? true : undefined;
  }).catch((error: Error) => {
    throw new Error(`${error.message}; wanted ${wanted.join(' | ')}; shown ${JSON.stringify(last, null, 1)}`);
  });
}

function isOne(shown: readonly string[], wanted: readonly (string | RegExp)[]): boolean {
  const [only] = shown;
  if (only === undefined || shown.length !== 1) return false;
  return wanted.every((part) => (typeof part === 'string' ? only.includes(part) : part.test(only)));
}

async function untilSilent(world: World, input: BadInput): Promise<void> {
  let last: ShownTroubles | undefined;
  await until('no message any more', async () => {
    last = await shownTroubles(world, input.placement ?? 'checkout');
    return Object.values(last).every((shown) => shown.length === 0) ? true : undefined;
  }).catch((error: Error) => {
    throw new Error(`${error.message}; still shown ${JSON.stringify(last, null, 1)}`);
  });
}

/** Waits until every assignment is Ready by a fresh report; what each of them is told, by name. */
export async function untilSteady(world: World): Promise<Readonly<Record<string, string>>> {
  return await until('every assignment Ready', async () => {
    const items = await world.control.get('assignments', '--all');
    const isSteady = items.every(({ status }) => status.state === 'Ready' && status.freshness.isFresh);
    return isSteady && items.length > 0 ? Object.fromEntries(items.map(toldOf)) : undefined;
  });
}

function toldOf({ metadata, spec, status }: AssignmentItem): readonly [string, string] {
  return [metadata.name, `${spec.version} ${spec.commit?.id} ${status.appliedCommit} ${spec.isRemoval}`];
}
