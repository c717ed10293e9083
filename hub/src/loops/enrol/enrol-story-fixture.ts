import type { Json } from '@flotilla/shared/base';
import fc from 'fast-check';
import { expect } from 'vitest';
import { parseClusterRecord, type Registration } from '../../core/enrol/index.ts';
import type { EnrolAnswer, EnrolHandler, EnrolmentSigner } from '../../enrolment-port.ts';
import type { Bucket } from '../../ports.ts';
import { callOf, type EnrolWorld, enrolWorld, nameOf, tokenFor } from './enrol-world-fixture.ts';
import { createEnrolHandler } from './redeem.ts';

// What may happen at any read or write of a record: it waits for others, or the hub process dies before or after it.
const never = new AbortController().signal;

/** Names that agents wish. */
export const names = ['eu-1', 'eu-2'];
/** Keys that agents hold. */
export const keys = ['key-a', 'key-b', 'key-c'];

class Crash extends Error {}

/** A bucket whose every operation is a turn of the scheduler, and may be the last of its process. */
export function faultyBucket(bucket: Bucket, scheduler: fc.Scheduler, crashes: Iterator<number>): Bucket {
  async function turn<T>(act: () => Promise<T>): Promise<T> {
    await scheduler.schedule(Promise.resolve());
    const fate = crashes.next().value ?? 9;
    if (fate === 0) throw new Crash('before');
    const result = await act();
    if (fate === 1) throw new Crash('after');
    return result;
  }
  return {
    get: (key, signal) => turn(() => bucket.get(key, signal)),
    put: (key, value: Json, revision, signal) => turn(() => bucket.put(key, value, revision, signal)),
    remove: (key, revision, signal) => turn(() => bucket.remove(key, revision, signal)),
    list: (signal) => turn(() => bucket.list(signal)),
    watch: (signal) => bucket.watch(signal),
  };
}

/** An agent with a key shows a token to one of two hubs and wishes a name; all are indexes. */
export interface Act {
  readonly hub: number;
  readonly token: number;
  readonly key: number;
  readonly wish: number;
}

/** What agents do, of so many keys. */
export function actsOf(keyMax: number): fc.Arbitrary<Act[]> {
  const act = fc.record({ hub: fc.nat(1), token: fc.nat(2), key: fc.nat(keyMax), wish: fc.nat(1) });
  return fc.array(act, { minLength: 2, maxLength: 7 });
}

/** What becomes of each operation in turn: 0 = dies before, 1 = dies after, more = lives. */
export const fates = fc.array(fc.nat(14), { maxLength: 60 });

/** An answer that an agent got. */
export interface Given {
  readonly token: number;
  readonly key: number;
  readonly answer: EnrolAnswer;
}

/** One history while it happens. */
export interface Story {
  readonly world: EnrolWorld;
  readonly hubs: readonly EnrolHandler[];
  readonly tokens: readonly { readonly id: string; readonly secret: string }[];
  readonly given: Given[];
  /** Without faults, as a hub that starts afterwards. */
  readonly calm: EnrolHandler;
  readonly scheduler: fc.Scheduler;
}

/** Two processes of one fleet, which share nothing but the records, and three tokens; the first fixes its name. */
export async function beginStory(
  signer: EnrolmentSigner,
  scheduler: fc.Scheduler,
  crashes: readonly number[],
): Promise<Story> {
  const fate = crashes[Symbol.iterator]();
  const world = enrolWorld(signer, (bucket) => faultyBucket(bucket, scheduler, fate));
  const hubs: readonly EnrolHandler[] = [world.enrol, createEnrolHandler(world.deps)];
  const tokens = [
    await tokenFor(world, { clusterName: nameOf('eu-1'), lifeMs: 1_000 }),
    await tokenFor(world),
    await tokenFor(world),
  ];
  const calm = createEnrolHandler({ ...world.deps, tokens: world.tokens, clusters: world.clusters });
  return { world, hubs, tokens, given: [], calm, scheduler };
}

/** All acts at once, in the order of the scheduler's turns; `aside` runs among them. */
export async function playStory(
  story: Story,
  plan: readonly Act[],
  ...aside: readonly (() => Promise<unknown>)[]
): Promise<void> {
  const { hubs, tokens, given, scheduler } = story;
  const acting = plan.map(({ hub, token, key, wish }) => async () => {
    const enrol = nth(hubs, hub);
    const answer = await enrol(
      callOf(nth(tokens, token), nth(keys, key), { wishedName: nth(names, wish) }),
      never,
    );
    if (answer.ok) given.push({ token, key, answer: answer.value });
  });
  await scheduler.waitFor(Promise.all([...acting, ...aside].map(unlessCrash)));
}

async function unlessCrash(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
  }
}

/** Every cluster that is registered now. */
export async function registrationsOf({ world }: Story): Promise<readonly Registration[]> {
  return (await world.clusters.list(never)).flatMap(({ value }) => {
    const parsed = parseClusterRecord(value);
    if (!parsed.ok) return expect.fail(parsed.error.text);
    return parsed.value.kind === 'registered' ? [parsed.value.registration] : [];
  });
}

function nth<Item>(items: readonly Item[], index: number): Item {
  return items[index] ?? expect.fail(`there is no ${index} of ${items.length}`);
}
