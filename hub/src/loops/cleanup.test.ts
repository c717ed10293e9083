import { seededRandom } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { expect, it } from 'vitest';
import { memoryBucket } from '../../../test/fakes/bucket.ts';
import { cleanUp } from './cleanup.ts';
import { issueToken } from './enrol/index.ts';

it('removes a token a week after its end, and not before', async () => {
  const clock = manualClock();
  const stopping = new AbortController();
  const { signal } = stopping;
  const buckets = { tokens: memoryBucket(), clusters: memoryBucket() };
  const signer = { pin: 'p'.repeat(43) };
  const wish = {
    clusterName: undefined,
    isRejoin: false,
    labels: {},
    lifeMs: 3_600_000,
    createdBy: 'me',
    reason: '',
  };
  await issueToken({ ...buckets, clock, signer }, wish, signal);
  const cleaning = cleanUp({ ...buckets, clock, random: seededRandom(1), log: silentLogger }, signal);

  await clock.advance(6 * 86_400_000);
  expect(await buckets.tokens.list(signal)).toHaveLength(1);
  await clock.advance(2 * 86_400_000);
  await expect.poll(() => buckets.tokens.list(signal)).toHaveLength(0);

  stopping.abort();
  await cleaning;
});
