import { describe, expect, it } from 'vitest';
import { parseClustersFile } from './clusters-file.ts';

const item = (name: string, more: object = {}) => ({
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'Cluster',
  metadata: { name, labels: { env: 'prod' }, ...more },
  spec: { taints: [{ key: 'gpu', value: '' }], isCordoned: true },
  status: { state: 'Ready' },
});

describe('a file of clusters', () => {
  it('is what the command line prints: a list, or one cluster', () => {
    const list = parseClustersFile(
      JSON.stringify({ kind: 'List', items: [item('a', { uid: 'u1' }), item('b')] }),
    );
    expect(list).toMatchObject({
      ok: true,
      value: [
        {
          name: 'a',
          uid: 'u1',
          labels: { env: 'prod' },
          taints: [{ key: 'gpu', value: '' }],
          isCordoned: true,
        },
        { name: 'b' },
      ],
    });
    const one = parseClustersFile(JSON.stringify(item('b')));
    expect(one.ok && list.ok && one.value[0]).toEqual(list.ok && list.value[1]);
  });

  it('has the facts that a list shows, as if clusters said so now', () => {
    const status = { state: 'Ready', kubernetesVersion: 'v1.29.3', nodes: 3, moreFacts: { site: 'oslo' } };
    const read = parseClustersFile(JSON.stringify({ ...item('b'), status }));
    const values = { agent: '', isSimulated: false, kubernetes: 'v1.29.3', more: { site: 'oslo' }, nodes: 3 };
    expect(read.ok && read.value[0]?.facts).toEqual({ isFresh: true, values });
    const silent = parseClustersFile(JSON.stringify(item('b')));
    expect(silent.ok && silent.value[0]?.facts).toBeUndefined();
  });

  it.each([
    ['no', 'it is not JSON'],
    ['{}', 'items: '],
    ['{"items": [{"kind": "Placement"}]}', 'items.0.kind: '],
    [JSON.stringify({ items: [item('A B')] }), 'items.0.metadata.name: '],
    [JSON.stringify({ items: [item('a'), item('a')] }), 'items.1.metadata.name: a is there twice'],
    [JSON.stringify({ items: [item('a', { labels: { x: 1 } })] }), 'items.0.metadata.labels.x: '],
  ])('%s is none: %s', (text, why) => {
    const read = parseClustersFile(text);
    expect(read.ok ? '' : read.error).toContain(why);
  });
});
