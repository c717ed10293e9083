import { describe, expect, it } from 'vitest';
import type { KubeWatchEvent } from '../../kube-port.ts';
import { configMaps, options, ref, settings, start, web } from './simulated-cluster-fixture.ts';

const signal = AbortSignal.timeout(20_000);

describe('faults of a simulated cluster', () => {
  it('drops watches, which end as if the server had closed them', async () => {
    const { cluster } = start({ controllers: false });
    const port = cluster.portAs('agent');
    const { resourceVersion } = await port.list({ kind: configMaps }, signal);
    const events: KubeWatchEvent[] = [];
    const reader = (async () => {
      for await (const event of port.watch({ kind: configMaps }, resourceVersion, signal)) events.push(event);
    })();
    await port.apply(settings(), options, signal);
    await expect.poll(() => events.length).toBe(1);

    cluster.faults.dropWatches();

    await reader;
    // The next watch goes on from the version of the last event.
    const [last] = events;
    const version = last?.kind === 'added' ? (last.object.metadata.resourceVersion ?? '') : '';
    await port.apply(settings({ a: '1' }), options, signal);
    for await (const event of port.watch({ kind: configMaps }, version, signal)) {
      expect(event.kind).toBe('modified');
      break;
    }
  });

  it('expires versions', async () => {
    const { cluster } = start({ controllers: false });
    const port = cluster.portAs('agent');
    const { resourceVersion } = await port.list({ kind: configMaps }, signal);
    await port.apply(settings(), options, signal);

    cluster.faults.expireVersions();

    const watch = port.watch({ kind: configMaps }, resourceVersion, signal)[Symbol.asyncIterator]();
    await expect(watch.next()).rejects.toMatchObject({ status: 410, reason: 'Expired' });
  });

  it('becomes unreachable and comes back', async () => {
    const { cluster } = start({ controllers: false });
    const port = cluster.portAs('agent');

    cluster.faults.setReachable(false);
    await expect(port.get(ref, signal)).rejects.toMatchObject({
      code: 'KUBE_UNREACHABLE',
      status: 0,
      retry: 'backoff',
    });

    cluster.faults.setReachable(true);
    expect(await port.get(ref, signal)).toBeUndefined();
  });

  it('refuses by rule until the rule is taken away', async () => {
    const { cluster } = start({ controllers: false });
    const port = cluster.portAs('agent');
    const allow = cluster.faults.refuse((request) =>
      request.verb === 'apply' && request.resource === 'configmaps'
        ? {
            code: 403,
            reason: 'Forbidden',
            message: 'admission webhook "no.example" denied the request',
            causes: [],
            name: request.name,
            retryAfterMs: undefined,
          }
        : undefined,
    );

    await expect(port.apply(settings(), options, signal)).rejects.toMatchObject({
      code: 'KUBE_FORBIDDEN',
      request: { verbs: ['patch', 'create'], resource: 'configmaps', namespace: 'default' },
    });
    allow();
    expect(await port.apply(settings(), options, signal)).toMatchObject({ metadata: { name: 'settings' } });
  });

  it('stops its controllers and lets them catch up', async () => {
    const { cluster, clock } = start();
    const port = cluster.portAs('agent');
    cluster.faults.setControllersRunning(false);
    await port.apply(web(), options, signal);
    await clock.advance(1_000);
    const pods = { kind: { group: '', version: 'v1', kind: 'Pod' } };
    expect((await port.list(pods, signal)).items).toHaveLength(0);

    cluster.faults.setControllersRunning(true);
    await clock.advance(1_000);

    expect((await port.list(pods, signal)).items).toHaveLength(2);
  });

  it('is closed for good', async () => {
    const { cluster } = start();
    const port = cluster.portAs('agent');
    await cluster.close();

    await expect(port.get(ref, signal)).rejects.toMatchObject({ code: 'KUBE_UNREACHABLE' });
  });
});
