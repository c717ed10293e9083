import { bucketNames, openBucket } from '@flotilla/hub/io/kv';
import type { Bucket } from '@flotilla/hub/ports';
import { seededRandom } from '@flotilla/shared/base';
import { silentLogger, systemClock } from '@flotilla/shared/kit';
import { Kvm } from '@nats-io/kv';
import { describe, expect, test } from 'vitest';
import { connectTestBus, type LossyBus, lossyBus, startNatsServer } from '../../real/nats-server/index.ts';
import { type BucketWorld, bucketContract } from './suite.ts';

const never = new AbortController().signal;

async function makeWorld(): Promise<BucketWorld & { readonly buses: readonly LossyBus[] }> {
  const server = await startNatsServer();
  const buses: LossyBus[] = [];
  async function open(): Promise<Bucket> {
    const bus = lossyBus(await connectTestBus(server));
    buses.push(bus);
    const ports = { bus, clock: systemClock(), random: seededRandom(buses.length), log: silentLogger };
    return await openBucket({ ...ports, name: bucketNames.clusters, replicas: 1, deadlineMs: 30_000 }, never);
  }
  return {
    buses,
    open,
    loseNextAnswer: () => buses.at(-1)?.loseAnswers(1),
    loseNextRequest: () => buses.at(-1)?.loseRequests(1),
    interrupt: async () => {
      await server.kill();
      await server.start();
    },
    [Symbol.asyncDispose]: async () => {
      for (const bus of buses) await bus[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('a bucket on a real nats-server', () => {
  bucketContract(makeWorld);

  test('a write whose answer was lost is known although somebody else wrote after it', async () => {
    await using world = await makeWorld();
    const other = await world.open();
    const bucket = await world.open();
    world.buses.at(-1)!.loseAnswers(1, () => other.put('a', 'theirs', 1, never));
    expect(await bucket.put('a', 'ours', 0, never)).toBe(1);
    expect(await bucket.get('a', never)).toMatchObject({ value: 'theirs', revision: 2 });
  });

  test('the NATS library reads and writes the same bucket', async () => {
    await using world = await makeWorld();
    const bucket = await world.open();
    const theirs = await new Kvm(world.buses[0]!.connection).open(bucketNames.clusters);
    await bucket.put('eu-1', { labels: {} }, 0, never);
    expect((await theirs.get('eu-1'))?.json()).toEqual({ labels: {} });
    const revision = await theirs.update('eu-1', '{"labels":{"env":"prod"}}', 1);
    expect(await bucket.get('eu-1', never)).toEqual({
      key: 'eu-1',
      value: { labels: { env: 'prod' } },
      revision,
    });
    await theirs.delete('eu-1');
    expect(await bucket.get('eu-1', never)).toBeUndefined();
    expect(await bucket.list(never)).toEqual([]);
    expect(await bucket.put('eu-1', 'again', 0, never)).toBe(4);
  });

  test.each(['', '.a', 'a.', 'a b', 'a*', '>', 'ä'])('the key %j is refused', async (key) => {
    await using world = await makeWorld();
    const bucket = await world.open();
    await expect(bucket.put(key, 1, 0, never)).rejects.toMatchObject({ code: 'BUCKET_KEY', retry: 'never' });
  });

  test('a value that is no JSON is an error that names its key', async () => {
    await using world = await makeWorld();
    const bucket = await world.open();
    await world.buses[0]!.request(
      { subject: '$KV.flotilla-clusters.a', data: 'oops', timeoutMs: 5_000 },
      never,
    );
    await expect(bucket.get('a', never)).rejects.toThrow('key a of bucket flotilla-clusters holds no JSON');
  });
});
