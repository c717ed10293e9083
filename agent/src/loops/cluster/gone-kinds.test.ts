import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeKindTable } from '../../core/index.ts';
import { startSimulatedCluster } from '../../io/kube-simulated/index.ts';
import type { KubeDiscovery } from '../../kube-port.ts';
import { applied, definitionRef, deleted, widgetDefinition } from '../engine/widget-fixture.ts';
import { findGoneKinds } from './gone-kinds.ts';

const signal = AbortSignal.timeout(20_000);
const group = 'example.org';
const widget = { group, kind: 'Widget' };

/** A cluster with the kind Widget. */
async function open(isServed = true) {
  const cluster = startSimulatedCluster({ clock: manualClock(), controllers: true });
  onTestFinished(() => cluster.close());
  const kube = cluster.portAs('agent');
  const made = await kube.apply(widgetDefinition(group, { isServed }), applied, signal);
  const remove = () =>
    kube.delete(definitionRef(group), { ...deleted, uid: made.metadata.uid ?? '' }, signal);
  const find = async (change: (found: KubeDiscovery) => KubeDiscovery = (found) => found) => {
    const kinds = makeKindTable(change(await kube.discover({ fresh: true }, signal)));
    return await findGoneKinds([widget, { group: '', kind: 'ConfigMap' }], { kube, kinds }, signal);
  };
  return { cluster, find, remove };
}

describe('a kind', () => {
  it('is gone for sure when neither discovery nor a definition names it', async () => {
    const { find, remove } = await open();
    await remove();
    expect(await find()).toEqual(['Widget.example.org']);
  });

  it('is not gone when it is served', async () => {
    const { find } = await open();
    expect(await find()).toEqual([]);
  });

  it('is not gone when its definition is there: no version served, or a server that lags behind', async () => {
    const { find } = await open(false);
    expect(await find()).toEqual([]);
    const lagging = (found: KubeDiscovery) => ({
      ...found,
      resources: found.resources.filter((one) => one.group !== group),
    });
    const { find: findServed } = await open();
    expect(await findServed(lagging)).toEqual([]);
  });

  it('is not gone while its group cannot be read, such as an aggregated API that is down', async () => {
    const { find, remove } = await open();
    await remove();
    const failedGroups = [{ group, version: 'v1', text: 'its API server did not answer' }];
    expect(await find((found) => ({ ...found, failedGroups }))).toEqual([]);
  });

  it.each([
    ['', 'ConfigMap'],
    ['apps', 'Deployment'],
    ['policy', 'PodDisruptionBudget'],
    ['networking.k8s.io', 'Ingress'],
    ['resource.k8s.io', 'ResourceClaim'],
  ])(
    'of Kubernetes itself (%s %s) is never gone for sure, whatever discovery leaves out',
    async (own, kind) => {
      const { cluster } = await open();
      const kube = cluster.portAs('agent');
      const found = await kube.discover({ fresh: true }, signal);
      const kinds = makeKindTable({
        ...found,
        resources: found.resources.filter((one) => one.kind !== kind),
      });
      expect(await findGoneKinds([{ group: own, kind }], { kube, kinds }, signal)).toEqual([]);
    },
  );

  it('is not gone by an answer that names nothing at all', async () => {
    const { find, remove } = await open();
    await remove();
    expect(await find((found) => ({ ...found, resources: [] }))).toEqual([]);
  });

  it('is not known to be gone where definitions may not be read', async () => {
    const { cluster, find, remove } = await open();
    await remove();
    const refused = { message: 'no', causes: [], name: undefined, retryAfterMs: undefined };
    const end = cluster.faults.refuse(({ resource }) =>
      resource === 'customresourcedefinitions' ? { ...refused, code: 403, reason: 'Forbidden' } : undefined,
    );
    expect(await find()).toEqual([]);
    end();
    cluster.faults.refuse(({ resource }) =>
      resource === 'customresourcedefinitions'
        ? { ...refused, code: 503, reason: 'ServiceUnavailable' }
        : undefined,
    );
    await expect(find()).rejects.toMatchObject({ status: 503 });
  });
});
