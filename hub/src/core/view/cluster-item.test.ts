import type { ClusterName, ClusterUid } from '@flotilla/shared/base';
import { zeroDigest } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { parseClustersFile } from '../preview/index.ts';
import { clusterItem } from './cluster-item.ts';
import { emptyClusterView, foldPresence, foldReport } from './fold-view.ts';

const uid = 'a'.repeat(26) as ClusterUid;

/** The item of a connected cluster without assignments whose agent reports this Kubernetes version. */
function itemWith(kubernetes: string, more: { readonly [name: string]: string } = {}) {
  const facts = {
    kubernetes,
    nodes: 1,
    agent: '0.1.0',
    isSimulated: false,
    fetchRungs: {},
    inventoryParent: '',
    more,
  };
  const common = { heldDigest: zeroDigest, assignments: [], madeAtMs: 0, trimmed: [] };
  const reported = foldReport(emptyClusterView(0), { ...common, incarnation: 1, seq: 1, facts }, 1);
  const seen = { presence: 'connected', announced: { incarnation: 1, seq: 1 } } as const;
  const cluster = {
    uid,
    name: 'eu-1' as ClusterName,
    labels: {},
    taints: [],
    isCordoned: false,
    registeredAtMs: 0,
  };
  const known = { cluster, view: foldPresence(reported, seen, 2) };
  return clusterItem({ placements: new Map(), clusters: new Map([[uid, known]]) }, uid);
}

describe('a cluster on which nothing is placed', () => {
  it('is Ready when its agent speaks of it', () => {
    expect(itemWith('v1.36.0')?.status).toMatchObject({ state: 'Ready', reason: undefined });
  });

  it('shows what else its agent reports, so that a plan from a printed list knows it', () => {
    const item = itemWith('v1.36.0', { site: 'oslo' });
    expect(item?.status.moreFacts).toEqual({ site: 'oslo' });
    const read = parseClustersFile(JSON.stringify(item));
    expect(read.ok && read.value[0]?.facts?.values.more).toEqual({ site: 'oslo' });
    expect(itemWith('v1.36.0')?.status).not.toHaveProperty('moreFacts');
  });

  it('is Unknown while its agent has not reached its API server', () => {
    expect(itemWith('')?.status).toMatchObject({ state: 'Unknown', reason: { code: 'ClusterNotReached' } });
  });
});
