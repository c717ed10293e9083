import type { KubeObject } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hookPhase, stageOfObject } from './hook.ts';
import { stages } from './stages.ts';

const objectOf = (hook: string | undefined, weight?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Job',
  metadata: {
    name: 'a',
    annotations: {
      ...(hook === undefined ? {} : { 'helm.sh/hook': hook }),
      ...(weight === undefined ? {} : { 'helm.sh/hook-weight': weight }),
    },
  },
});
const job = { group: 'batch', kind: 'Job' };
const account = { group: '', kind: 'ServiceAccount' };

describe('when a hook runs', () => {
  it.each([
    ['pre-install', 'before'],
    ['pre-upgrade, pre-install', 'before'],
    ['post-install,post-upgrade', 'after'],
    ['crd-install,post-install', 'after'],
    ['pre-install,post-install', undefined],
    ['pre-install,pre-delete', undefined],
    ['test', undefined],
    ['', undefined],
  ])('%j is %s', (hook, phase) => {
    expect(hookPhase(objectOf(hook))).toBe(phase);
  });

  it('is before and after all other stages, definitions apart, by weight and then by kind', () => {
    const before = (weight: string, kind = job) => stageOfObject(objectOf('pre-install', weight), kind);
    const after = (weight: string) => stageOfObject(objectOf('post-install', weight), job);
    const order = [
      stages.foundations,
      before('-99999'),
      before('-5'),
      before('0', account),
      before('0'),
      before('7', account),
      before('99999'),
      stages.classes,
      stages.interceptors,
      after('-1'),
      after('nonsense'),
      after('1'),
    ];
    expect(order).toEqual([...order].sort((left, right) => left - right));
    expect(new Set(order).size).toBe(order.length);
    const definition = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' };
    expect(stageOfObject(objectOf('pre-install', '5'), definition)).toBe(stages.foundations);
    expect(stageOfObject(objectOf(undefined, '5'), job)).toBe(stages.workloads);
  });

  it('never falls into the stage of another phase', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(job, account), (weight, kind) => {
        const before = stageOfObject(objectOf('pre-install', String(weight)), kind);
        const after = stageOfObject(objectOf('post-install', String(weight)), kind);
        expect(before > stages.foundations && before < stages.classes && after > stages.interceptors).toBe(
          true,
        );
      }),
    );
  });
});
