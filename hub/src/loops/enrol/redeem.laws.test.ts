import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseClaim } from '../../core/enrol/index.ts';
import type { EnrolmentSigner } from '../../enrolment-port.ts';
import {
  actsOf,
  beginStory,
  fates,
  keys,
  playStory,
  registrationsOf,
  type Story,
} from './enrol-story-fixture.ts';
import { callOf, quickSigner } from './enrol-world-fixture.ts';
import { sweepEnrolment } from './sweep-enrolment.ts';

const never = new AbortController().signal;
const numRuns = 120;
const acts = actsOf(2);
const calmOrNot = fc.oneof(fc.constant([]), fates);

let signer: EnrolmentSigner;

beforeAll(async () => {
  signer = await quickSigner();
});

describe('whatever two hubs, many agents, crashes and removals do to each other', () => {
  it('a token gives an identity to one key only, and always the same one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), acts, fates, async (scheduler, plan, crashes) => {
        const story = await beginStory(signer, scheduler, crashes);
        await playStory(story, plan);
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
        const story = await beginStory(signer, scheduler, crashes);
        await playStory(story, plan);
        await judgeRecords(story);
      }),
      { numRuns },
    );
  });

  it('nor when a token ends in the middle and others take over what it left', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), acts, acts, calmOrNot, async (scheduler, early, late, crashes) => {
        const story = await beginStory(signer, scheduler, crashes);
        await playStory(story, [...early, ...late], async () => {
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
        const story = await beginStory(signer, scheduler, crashes);
        await playStory(story, plan);
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
