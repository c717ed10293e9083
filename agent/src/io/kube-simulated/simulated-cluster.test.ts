import { seededRandom } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { options, ref, settings, start, web } from './simulated-cluster-fixture.ts';

const signal = AbortSignal.timeout(20_000);

describe('a simulated cluster', () => {
  it('logs the writes of its users, dry runs and its own controllers apart', async () => {
    const { cluster, clock } = start();
    const port = cluster.portAs('agent');
    await port.apply(web(), options, signal);
    await port.apply(web(), { ...options, dryRun: true }, signal);
    await port.apply(web(), options, signal);
    await clock.advance(1_000);
    const live = await port.apply(settings(), options, signal);
    const uid = live.metadata.uid ?? '';
    await port.delete(
      ref,
      { uid, resourceVersion: undefined, propagation: 'Background', dryRun: false },
      signal,
    );

    expect(
      cluster.writes
        .entries()
        .map(({ user, verb, ref: { name }, isChanged }) => [user, verb, name, isChanged]),
    ).toEqual([
      ['agent', 'apply', 'web', true],
      ['agent', 'apply', 'web', false],
      ['agent', 'apply', 'settings', true],
      ['agent', 'delete', 'settings', true],
    ]);
    expect(cluster.writes).toMatchObject({ total: 4, dropped: 0 });
    cluster.writes.clear();
    expect(cluster.writes).toMatchObject({ total: 0, dropped: 0 });
  });

  it('keeps a bounded log and says how much it dropped', async () => {
    const { cluster } = start({ writesMax: 4, controllers: false });
    const port = cluster.portAs('agent');
    for (let number = 0; number < 20; number += 1)
      await port.apply(settings({ n: String(number) }), options, signal);

    expect(cluster.writes.entries().length).toBeLessThanOrEqual(5);
    expect(cluster.writes.total).toBe(20);
    expect(cluster.writes.dropped + cluster.writes.entries().length).toBe(20);
  });

  it('does not log a refused write', async () => {
    const { cluster } = start({ controllers: false });
    const port = cluster.portAs('agent');
    const elsewhere = { ...settings(), metadata: { name: 'settings', namespace: 'nowhere' } };

    await expect(port.apply(elsewhere, options, signal)).rejects.toMatchObject({ status: 404 });

    expect(cluster.writes.total).toBe(0);
  });

  it('runs controllers only when time passes', async () => {
    const { cluster, clock } = start();
    const port = cluster.portAs('agent');
    const deployment = {
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
      namespace: 'default',
      name: 'web',
    };
    await port.apply(web(), options, signal);
    expect((await port.get(deployment, signal))?.['status']).toEqual({});

    await clock.advance(1_000);

    expect((await port.get(deployment, signal))?.['status']).toMatchObject({ availableReplicas: 2 });
  });

  it('gives the same objects for the same seed', async () => {
    const run = async (seed: number) => {
      const { cluster, clock } = start({ random: seededRandom(seed) });
      const port = cluster.portAs('agent');
      await port.apply(web(), options, signal);
      await clock.advance(1_000);
      const pods = await port.list({ kind: { group: '', version: 'v1', kind: 'Pod' } }, signal);
      return JSON.stringify(pods);
    };

    expect(await run(1)).toBe(await run(1));
    expect(await run(1)).not.toBe(await run(2));
  });

  it('answers after its latency', async () => {
    const { cluster, clock } = start({ latencyMs: 100, controllers: false });
    let isAnswered = false;
    const pending = cluster
      .portAs('agent')
      .get(ref, signal)
      .then(() => {
        isAnswered = true;
      });

    await clock.advance(99);
    expect(isAnswered).toBe(false);
    await clock.advance(1);
    await pending;
    expect(isAnswered).toBe(true);
  });

  it('shares nothing with what callers hand in or get', async () => {
    const { cluster } = start({ controllers: false });
    const port = cluster.portAs('agent');
    const data: Record<string, string> = { a: '1' };
    await port.apply(settings(data), options, signal);
    data['a'] = 'changed';

    expect((await port.get(ref, signal))?.['data']).toEqual({ a: '1' });
  });
});
