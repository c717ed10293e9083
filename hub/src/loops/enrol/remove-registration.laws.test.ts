import type { ClusterUid } from '@flotilla/shared/base';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EnrolmentSigner } from '../../enrolment-port.ts';
import type { Bucket } from '../../ports.ts';
import {
  type Act,
  actsOf,
  beginStory,
  fates,
  faultyBucket,
  keys,
  names,
  playStory,
  registrationsOf,
  type Story,
} from './enrol-story-fixture.ts';
import { callOf, quickSigner } from './enrol-world-fixture.ts';
import { removeRegistration } from './remove-registration.ts';

const never = new AbortController().signal;
const numRuns = 200;
/** All three tokens are in the hands of one agent, or of two: so tokens meet in one cluster more often. */
const acts = actsOf(1);

let signer: EnrolmentSigner;

beforeAll(async () => {
  signer = await quickSigner();
});

interface Removal {
  /** What agents do while the cluster is removed. */
  readonly meanwhile: readonly Act[];
  readonly crashes: readonly number[];
}

const removals: fc.Arbitrary<Removal> = fc.record({ meanwhile: acts, crashes: fates });
/**
 * An agent whose hub dies in the middle of its redemption shows another token, its cluster is removed, and it asks once
 * more with any of them; what else agents do comes before, among, and after it.
 */
const histories = fc.record({
  agent: fc.record({ hub: fc.nat(1), key: fc.nat(1), wish: fc.nat(1) }),
  tokens: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
  /** How many reads and writes the hub lives for, and whether the one at which it dies is done. */
  livesFor: fc.nat(14),
  isDone: fc.boolean(),
  removal: removals,
  again: fc.shuffledSubarray([0, 1, 2], { minLength: 1 }),
  others: acts,
});

/** Removes a cluster while agents and crashes go on. Resolves to whether the removal came to its end. */
async function removeAmong(story: Story, uid: ClusterUid, { meanwhile, crashes }: Removal): Promise<boolean> {
  const fate = crashes[Symbol.iterator]();
  const wrapped = (bucket: Bucket) => faultyBucket(bucket, story.scheduler, fate);
  const { tokens, clusters } = story.world;
  const deps = { ...story.world.deps, tokens: wrapped(tokens), clusters: wrapped(clusters) };
  let isRemoved = false;
  await playStory(story, meanwhile, async () => {
    isRemoved = (await removeRegistration(deps, uid, never)) !== undefined;
  });
  return isRemoved;
}

/** Agents ask once more, one after the other, of a hub without faults. Resolves to the clusters that they became. */
async function askAgain({ calm, tokens }: Story, asks: readonly Act[]): Promise<readonly string[]> {
  const uids: string[] = [];
  for (const { token, key, wish } of asks) {
    const answer = await calm(callOf(tokens[token]!, keys[key]!, { wishedName: names[wish] }), never);
    if (answer.ok) uids.push(answer.value.clusterUid);
  }
  return uids;
}

describe('a removed cluster', () => {
  it('never comes back by the tokens that made it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), acts, removals, async (scheduler, before, removal) => {
        const story = await beginStory(signer, scheduler, []);
        await playStory(story, before);
        const victim = story.given[0];
        fc.pre(victim !== undefined);
        if (victim === undefined) return;
        const { clusterUid } = victim.answer;
        if (!(await removeAmong(story, clusterUid, removal))) return;
        for (const { token, key, answer } of story.given) {
          if (answer.clusterUid !== clusterUid) continue;
          const call = callOf(story.tokens[token]!, keys[key]!, { wishedName: answer.clusterName });
          expect(await story.calm(call, never)).toMatchObject({
            ok: false,
            error: { code: 'TOKEN_WITHDRAWN' },
          });
        }
        const left = (await registrationsOf(story)).map(({ uid }) => uid);
        expect(left).not.toContain(clusterUid);
      }),
      { numRuns },
    );
  });

  it('never comes back by a token that a hub bound to it and died before it was on its record', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), histories, async (scheduler, history) => {
        const { agent, isDone, livesFor, tokens } = history;
        const crashes = [...Array<number>(livesFor).fill(9), isDone ? 1 : 0];
        const story = await beginStory(signer, scheduler, crashes);
        for (const token of tokens.slice(0, 2)) await playStory(story, [{ ...agent, token }]);
        const [victim] = await registrationsOf(story);
        fc.pre(victim !== undefined);
        if (victim === undefined || !(await removeAmong(story, victim.uid, history.removal))) return;
        const again = [...history.again.map((token) => ({ ...agent, token })), ...history.others];
        expect(await askAgain(story, again)).not.toContain(victim.uid);
        const left = (await registrationsOf(story)).map(({ uid }) => uid);
        expect(left).not.toContain(victim.uid);
      }),
      { numRuns },
    );
  });
});
