import { seededRandom } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { BusError } from '@flotilla/shared/kit/nats';
import { describe, expect, test } from 'vitest';
import { memoryBucket } from '../../../test/fakes/index.ts';
import type { Bucket } from '../ports.ts';
import { claimFleet, type FleetMarks } from './fleet-record.ts';

const never = new AbortController().signal;
const depsOf = (meta: Bucket) => ({ meta, clock: manualClock(), random: seededRandom(1), log: silentLogger });
const ours: FleetMarks = { hubId: 'h1', trustDomain: 'flotilla', caPin: 'pin', rowKey: 'row' };

describe('the identity that a bus remembers', () => {
  test('is that of the first process, and the same one is welcome again', async () => {
    const meta = memoryBucket();
    await Promise.all([claimFleet(depsOf(meta), ours, never), claimFleet(depsOf(meta), ours, never)]);
    await claimFleet(depsOf(meta), ours, never);
    expect((await meta.list(never)).map((entry) => entry.key)).toEqual(['fleet']);
  });

  test.each([
    ['hubId', 'hub id'],
    ['trustDomain', 'trust domain'],
    ['caPin', 'certificate authority'],
    ['rowKey', "key of the rows' proofs"],
  ])('turns away another %s, and says which part is different', async (name, word) => {
    const meta = memoryBucket();
    await claimFleet(depsOf(meta), ours, never);
    const other = claimFleet(depsOf(meta), { ...ours, [name]: 'other' }, never);
    await expect(other).rejects.toMatchObject({ code: 'FLEET_MISMATCH', retry: 'never' });
    await expect(other).rejects.toThrow(`they differ in ${word}: `);
    expect((await meta.get('fleet', never))?.value).toMatchObject({ ...ours });
  });

  test('is not touched when a newer program wrote it', async () => {
    const meta = memoryBucket();
    await meta.put('fleet', { format: 2 }, 0, never);
    await expect(claimFleet(depsOf(meta), ours, never)).rejects.toMatchObject({ code: 'FLEET_FORMAT' });
    expect((await meta.get('fleet', never))?.value).toEqual({ format: 2 });
  });

  test('is asked for again while the bus does not answer', async () => {
    const meta = memoryBucket();
    const deps = depsOf(meta);
    let isAway = true;
    const away = new BusError('BUS_OUTCOME_UNKNOWN', 'no leader yet');
    const flaky = {
      ...meta,
      get: async (...args: Parameters<typeof meta.get>) =>
        isAway ? Promise.reject(away) : meta.get(...args),
    };
    const claiming = claimFleet({ ...deps, meta: flaky }, ours, never);
    await deps.clock.advance(10_000);
    isAway = false;
    await deps.clock.advance(10_000);
    await claiming;
    expect((await meta.get('fleet', never))?.value).toMatchObject({ ...ours });
  });
});
