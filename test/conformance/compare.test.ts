import { describe, expect, it } from 'vitest';
import { compareSnapshots } from './compare.ts';
import type { LiveBody, Snapshot } from './snapshot.ts';

function body(more: Partial<LiveBody> = {}): LiveBody {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' }, data: { a: '1' }, ...more };
}

function snapshot(...bodies: readonly LiveBody[]): Snapshot {
  return new Map(bodies.map((one) => [`${one.kind} ${one.metadata.name}`, one]));
}

describe('two clusters', () => {
  it('are equal but for what has to differ', () => {
    const reference = body({
      metadata: { name: 'one', uid: '0b5e', generation: 1, labels: { app: 'x' } },
      status: 1,
    });
    const labels = { app: 'x', 'flotilla.dev/assignment': 'set', 'applyset.kubernetes.io/part-of': 'id' };
    const ours = body({ metadata: { name: 'one', uid: '77af', generation: 7, labels, managedFields: [] } });
    expect(compareSnapshots(snapshot(reference), snapshot(ours))).toEqual([]);
  });

  it('differ by objects that only one of them has', () => {
    const other = body({ metadata: { name: 'two' } });
    expect(compareSnapshots(snapshot(body()), snapshot(other))).toEqual([
      { object: 'ConfigMap one', text: 'is only on the cluster of kubectl' },
      { object: 'ConfigMap two', text: 'is only on the cluster of the agent' },
    ]);
  });

  it.each([
    { what: 'a value', ours: body({ data: { a: '2' } }), text: '.data.a: kubectl has "1", the agent "2"' },
    {
      what: 'a field too few',
      ours: body({ data: {} }),
      text: '.data.a: kubectl has "1", the agent nothing',
    },
    {
      what: 'a label of others',
      ours: body({ metadata: { name: 'one', labels: { app: 'x' } } }),
      text: '.metadata.labels: kubectl has nothing, the agent {"app":"x"}',
    },
    {
      what: 'a list of another length',
      ours: body({ data: [1] }),
      text: '.data: kubectl has {"a":"1"}, the agent [1]',
    },
  ])('differ by $what', ({ ours, text }) => {
    expect(compareSnapshots(snapshot(body()), snapshot(ours))).toEqual([{ object: 'ConfigMap one', text }]);
  });

  it('are equal where a Job got the labels of its template because it had none, and where it repeats its uid', () => {
    const job = (uid: string, labels: object | undefined) =>
      snapshot(
        body({
          kind: 'Job',
          metadata: { name: 'one', uid, ...(labels && { labels }) },
          spec: { template: { metadata: { labels: { 'controller-uid': uid } } } },
        }),
      );
    const ours = job('77af', { 'flotilla.dev/assignment': 'set' });
    expect(compareSnapshots(job('0b5e', { 'controller-uid': '0b5e' }), ours)).toEqual([]);
    expect(compareSnapshots(job('0b5e', { app: 'x' }), ours)).toHaveLength(2);
  });

  it('are equal where the server drew other addresses and ports for a Service, but not where one has none', () => {
    const service = (spec: object) => snapshot(body({ kind: 'Service', data: undefined, spec }));
    const drawn = (address: string, nodePort: number) =>
      service({ clusterIP: address, clusterIPs: [address], ports: [{ port: 80, nodePort }] });
    expect(compareSnapshots(drawn('10.0.0.7', 30_001), drawn('10.0.0.9', 31_000))).toEqual([]);
    const headless = service({ clusterIP: 'None', clusterIPs: ['None'], ports: [{ port: 80 }] });
    expect(compareSnapshots(drawn('10.0.0.7', 30_001), headless).map((one) => one.text)).toHaveLength(3);
  });
});
