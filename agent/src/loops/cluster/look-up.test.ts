import { systemClock } from '@flotilla/shared/kit';
import { describe, expect, it } from 'vitest';
import { makeKindTable } from '../../core/index.ts';
import { startSimulatedCluster } from '../../io/kube-simulated/index.ts';
import type { KubePort } from '../../ports.ts';
import { createSlots } from './api-slots.ts';
import { LookUp } from './look-up.ts';

const signal = new AbortController().signal;
const kinds = makeKindTable({ resources: [], failedGroups: [] });
const refTo = (name: string, namespace = 'default') => ({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  namespace,
  name,
});

/** Counts what is asked of the cluster. */
function counting(kube: KubePort): { readonly port: KubePort; readonly calls: string[] } {
  const calls: string[] = [];
  const port = {
    get: (...call: Parameters<KubePort['get']>) => {
      calls.push('get');
      return kube.get(...call);
    },
    list: (...call: Parameters<KubePort['list']>) => {
      calls.push(`list ${call[0].namespace ?? 'everywhere'}`);
      return kube.list(...call);
    },
  };
  return { port: port as unknown as KubePort, calls };
}

describe('LookUp', () => {
  it('reads a few objects one by one, and tells what is there from what is not', async () => {
    await using cluster = startSimulatedCluster({ clock: systemClock() });
    const kube = cluster.portAs('agent');
    await kube.create(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } },
      { fieldManager: 'x', dryRun: false },
      signal,
    );
    const { port, calls } = counting(kube);
    const lookUp = new LookUp({ kube: port, slots: createSlots(4), kinds: () => kinds }, signal);
    const sights = await lookUp.look([refTo('a'), refTo('b')], signal);
    expect([...sights.values()].map((sight) => sight.kind)).toEqual(['present', 'absent']);
    expect(calls).toEqual(['get', 'get']);
  });

  it('finds many objects, of many callers, in one list of metadata', async () => {
    await using cluster = startSimulatedCluster({ clock: systemClock() });
    const { port, calls } = counting(cluster.portAs('agent'));
    const lookUp = new LookUp({ kube: port, slots: createSlots(4), kinds: () => kinds }, signal);
    await Promise.all(Array.from({ length: 50 }, (_, index) => lookUp.look([refTo(`c${index}`)], signal)));
    expect(calls).toEqual(['list default']);
    calls.length = 0;
    const spread = Array.from({ length: 50 }, (_, index) => refTo('c', `n${index}`));
    const sights = await lookUp.look(spread, signal);
    expect(calls).toEqual(['list everywhere']);
    expect(sights.size).toBe(50);
  });

  it('asks once about an object that many want to know of', async () => {
    await using cluster = startSimulatedCluster({ clock: systemClock() });
    const { port, calls } = counting(cluster.portAs('agent'));
    const lookUp = new LookUp({ kube: port, slots: createSlots(4), kinds: () => kinds }, signal);
    const looks = Array.from({ length: 50 }, () => lookUp.look([refTo('same')], signal));
    const sights = await Promise.all(looks);
    expect(sights.map((sight) => [...sight.values()][0]?.kind)).toEqual(Array(50).fill('absent'));
    expect(calls).toEqual(['get']);
  });

  it('concludes nothing from what it cannot read', async () => {
    await using cluster = startSimulatedCluster({ clock: systemClock() });
    cluster.faults.setReachable(false);
    const lookUp = new LookUp(
      { kube: cluster.portAs('agent'), slots: createSlots(4), kinds: () => kinds },
      signal,
    );
    const many = Array.from({ length: 20 }, (_, index) => refTo(`c${index}`));
    const sights = await lookUp.look(many, signal);
    expect(new Set([...sights.values()].map((sight) => sight.kind))).toEqual(new Set(['unreadable']));
  });
});
