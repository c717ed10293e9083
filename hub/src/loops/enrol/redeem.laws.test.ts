import type { Json } from '@flotilla/shared/base';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseClaim, parseRegistration } from '../../core/enrol/index.ts';
import type { EnrolAnswer, EnrolHandler, EnrolmentSigner } from '../../enrolment-port.ts';
import { openIdentity } from '../../io/signer/index.ts';
import type { Bucket } from '../../ports.ts';
import { callOf, enrolWorld, nameOf, quickSigner, scratchFolder, tokenFor } from './enrol-world-fixture.ts';
import { createEnrolHandler } from './redeem.ts';
import { removeRegistration } from './remove-registration.ts';
import { sweepEnrolment } from './sweep-enrolment.ts';

// What may happen at any read or write of a record: it waits for others, or the hub process dies before or after it.
const never = new AbortController().signal;
const names = ['eu-1', 'eu-2'];
const keys = ['key-a', 'key-b', 'key-c'];
const numRuns = 120;

class Crash extends Error {}

let signer: EnrolmentSigner;

beforeAll(async () => {
  const folder = await scratchFolder();
  const identity = await openIdentity({
    dataDir: folder.path,
    trustDomain: 'flotilla',
    serverNames: [],
    clock: manualClock(),
  });
  signer = await quickSigner(identity.signer.caBundle[0]!);
  await folder.remove();
});

/** A bucket whose every operation is a turn of the scheduler, and may be the last of its process. */
function faultyBucket(bucket: Bucket, scheduler: fc.Scheduler, crashes: Iterator<number>): Bucket {
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
    list: (signal) => bucket.list(signal),
    watch: (signal) => bucket.watch(signal),
  };
}

interface Act {
  readonly hub: number;
  readonly token: number;
  readonly key: number;
  readonly wish: number;
}

const acts = fc.array(
  fc.record({
    hub: fc.nat(1),
    token: fc.nat(2),
    key: fc.nat(2),
    wish: fc.nat(1),
  }),
  { minLength: 2, maxLength: 7 },
);
/** 0 = dies before, 1 = dies after, more = lives. */
const fates = fc.array(fc.nat(14), { maxLength: 60 });
const calmOrNot = fc.oneof(fc.constant([]), fates);

interface Given {
  readonly token: number;
  readonly key: number;
  readonly answer: EnrolAnswer;
}

type Story = Awaited<ReturnType<typeof begin>>;

/** Two processes of one fleet, which share nothing but the records, and three tokens; the first fixes its name. */
async function begin(scheduler: fc.Scheduler, crashes: readonly number[]) {
  const fate = crashes[Symbol.iterator]();
  const world = enrolWorld(signer, (bucket) => faultyBucket(bucket, scheduler, fate));
  const hubs: readonly EnrolHandler[] = [world.enrol, createEnrolHandler(world.deps)];
  const tokens = [
    await tokenFor(world, { clusterName: nameOf('eu-1'), lifeMs: 1_000 }),
    await tokenFor(world),
    await tokenFor(world),
  ];
  const given: Given[] = [];
  /** Without faults, as a hub that starts afterwards. */
  const calm = createEnrolHandler({ ...world.deps, tokens: world.tokens, clusters: world.clusters });
  return { world, hubs, tokens, given, calm, scheduler };
}

async function unlessCrash(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
  }
}

/** All acts at once, in the order of the scheduler's turns; `aside` runs among them. */
async function play(story: Story, plan: readonly Act[], ...aside: readonly (() => Promise<unknown>)[]) {
  const { hubs, tokens, given, scheduler } = story;
  const acting = plan.map(({ hub, token, key, wish }) => async () => {
    const answer = await hubs[hub]!(callOf(tokens[token]!, keys[key]!, { wishedName: names[wish] }), never);
    if (answer.ok) given.push({ token, key, answer: answer.value });
  });
  await scheduler.waitFor(Promise.all([...acting, ...aside].map(unlessCrash)));
}

async function registrationsOf({ world }: Story) {
  return (await world.clusters.list(never)).map(({ value }) => {
    const parsed = parseRegistration(value);
    return parsed.ok ? parsed.value : expect.fail(parsed.error.text);
  });
}

describe('whatever two hubs, many agents, crashes and removals do to each other', () => {
  it('a token gives an identity to one key only, and always the same one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), acts, fates, async (scheduler, plan, crashes) => {
        const story = await begin(scheduler, crashes);
        await play(story, plan);
        for (const token of [0, 1, 2]) {
          const mine = story.given.filter((one) => one.token === token);
          expect(new Set(mine.map(({ key }) => key)).size).toBeLessThanOrEqual(1);
          expect(new Set(mine.map(({ answer }) => answer.clusterUid)).size).toBeLessThanOrEqual(1);
          expect(new Set(mine.map(({ answer }) => answer.clusterName)).size).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns },
    );
  });

  it('no two clusters are registered under one name, and every answer is on record', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), acts, fates, async (scheduler, plan, crashes) => {
        const story = await begin(scheduler, crashes);
        await play(story, plan);
        await judgeRecords(story);
      }),
      { numRuns },
    );
  });

  it('nor when a token ends in the middle and others take over what it left', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), acts, acts, calmOrNot, async (scheduler, early, late, crashes) => {
        const story = await begin(scheduler, crashes);
        await play(story, [...early, ...late], async () => {
          await scheduler.schedule(Promise.resolve());
          story.world.clock.jumpWall(2_000);
        });
        // A crash between taking a name over and noticing it leaves a ghost, which the sweep finds.
        const { tokens, clusters, clock } = story.world;
        if (crashes.some((fate) => fate <= 1)) await sweepEnrolment({ tokens, clusters, clock }, never);
        await judgeRecords(story);
      }),
      { numRuns },
    );
  });

  it('asking again without crashes finishes what was begun', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), acts, fates, async (scheduler, plan, crashes) => {
        const story = await begin(scheduler, crashes);
        await play(story, plan);
        const { world, tokens, given, calm } = story;
        for (const { token, key, answer } of given) {
          const call = callOf(tokens[token]!, keys[key]!, { wishedName: answer.clusterName });
          const { clusterUid, clusterName } = answer;
          expect(await calm(call, never)).toMatchObject({ ok: true, value: { clusterUid, clusterName } });
        }
        // Whoever holds a token that fixes no name may still come in under one of its own, however others broke off.
        for (const index of [1, 2]) {
          const calls = keys.map((key) => callOf(tokens[index]!, key, { wishedName: `own-${index}` }));
          const answers = [];
          for (const call of calls) answers.push(await calm(call, never));
          expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
        }
        for (const registration of await registrationsOf(story)) {
          const claim = parseClaim((await world.tokens.get(`name.${registration.name}`, never))?.value);
          expect(claim).toMatchObject({ ok: true, value: { uid: registration.uid } });
        }
      }),
      { numRuns },
    );
  });

  it('a removed cluster never comes back by the tokens that made it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), acts, acts, fates, async (scheduler, before, meanwhile, crashes) => {
        const story = await begin(scheduler, []);
        await play(story, before);
        const victim = story.given[0];
        fc.pre(victim !== undefined);
        const { clusterUid } = victim!.answer;
        const fate = crashes[Symbol.iterator]();
        const wrapped = (bucket: Bucket) => faultyBucket(bucket, scheduler, fate);
        const deps = { tokens: wrapped(story.world.tokens), clusters: wrapped(story.world.clusters) };
        let isRemoved = false;
        await play(story, meanwhile, async () => {
          isRemoved = (await removeRegistration(deps, clusterUid, never)) !== undefined;
        });
        if (!isRemoved) return;
        for (const { token, key, answer } of story.given) {
          if (answer.clusterUid !== clusterUid) continue;
          const call = callOf(story.tokens[token]!, keys[key]!, { wishedName: answer.clusterName });
          expect(await story.calm(call, never)).toMatchObject({
            ok: false,
            error: { code: 'TOKEN_WITHDRAWN' },
          });
        }
        expect(await story.world.clusters.get(clusterUid, never)).toBeUndefined();
      }),
      { numRuns },
    );
  });
});

/** One name, one cluster; and whoever was told that it is a cluster is one. */
async function judgeRecords(story: Story): Promise<void> {
  const registrations = await registrationsOf(story);
  const taken = registrations.map(({ name }) => name);
  expect(new Set(taken).size).toBe(taken.length);
  for (const { key, answer } of story.given) {
    const mine = registrations.find(({ uid }) => uid === answer.clusterUid);
    expect(mine?.name).toBe(answer.clusterName);
    expect(mine?.certificates.some(({ keyHash }) => keyHash === keys[key])).toBe(true);
  }
}
