import type { KubeObject, ManagedFieldsEntry } from '@flotilla/shared/model';
import { refOf } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { describeChange, formatDrift } from './drift-note.ts';
import { fightsAt, nextFightEndMs, noFights, recordCorrection } from './fights.ts';
import { fieldPaths, isScaledByOther } from './owned-fields.ts';

const ours = {
  'f:spec': {
    'f:replicas': {},
    'f:template': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
  },
};
const withoutImage = {
  'f:spec': {
    'f:replicas': {},
    'f:template': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:name': {} } } },
  },
};

function deployment(own: object, others: readonly Partial<ManagedFieldsEntry>[] = []): KubeObject {
  const entry = (manager: string, operation: 'Apply' | 'Update', fieldsV1: object) =>
    ({ manager, operation, apiVersion: 'apps/v1', fieldsV1 }) as ManagedFieldsEntry;
  const managedFields = [
    entry('flotilla', 'Apply', own),
    ...others.map((one) => ({ ...entry('x', 'Update', {}), ...one })),
  ];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop', managedFields },
  };
}

const ref = refOf(deployment({}));

describe('fieldPaths', () => {
  it('writes members, list items, set values and positions as people read them', () => {
    expect(
      fieldPaths({
        ...ours,
        'f:metadata': {
          'f:labels': { 'f:app.kubernetes.io/name': {} },
          'f:finalizers': { '.': {}, 'v:"a/b"': {} },
        },
        'f:list': { 'i:0': {} },
      }),
    ).toEqual([
      '.list[0]',
      '.metadata.finalizers[="a/b"]',
      '.metadata.labels["app.kubernetes.io/name"]',
      '.spec.replicas',
      '.spec.template.containers[name="web"].image',
      '.spec.template.containers[name="web"].name',
    ]);
  });
});

describe('describeChange', () => {
  it('names the fields that came back and who had taken them, the newest first', () => {
    const image = {
      'f:spec': { 'f:template': { 'f:containers': { 'k:{"name":"web"}': { 'f:image': {} } } } },
    };
    const before = deployment(withoutImage, [
      { manager: 'old', time: '2026-01-01T00:00:00Z', fieldsV1: image },
      { manager: 'kubectl-edit', time: '2026-01-02T00:00:00Z', fieldsV1: image },
      {
        manager: 'controller',
        time: '2026-01-03T00:00:00Z',
        subresource: 'status',
        fieldsV1: { 'f:status': {} },
      },
    ]);
    const note = describeChange(ref, before, deployment(ours));
    expect(note).toMatchObject({
      fields: ['.spec.template.containers[name="web"].image'],
      manager: 'kubectl-edit',
    });
    expect(formatDrift(note)).toBe(
      'Deployment shop/web: .spec.template.containers[name="web"].image changed by kubectl-edit',
    );
  });

  it('blames the last writer for a removed field', () => {
    const before = deployment(withoutImage, [
      { manager: 'kubectl', time: '2026-01-02T00:00:00Z', fieldsV1: { 'f:data': {} } },
    ]);
    expect(describeChange(ref, before, deployment(ours)).manager).toBe('kubectl');
  });

  it('tells a deleted object, and a change of nothing but ownership', () => {
    expect(formatDrift(describeChange(ref, undefined, deployment(ours)))).toBe('Deployment shop/web deleted');
    expect(formatDrift(describeChange(ref, deployment(ours), deployment(ours)))).toBe(
      'Deployment shop/web: labels or ownership changed',
    );
  });

  it('sees an autoscaler by its subresource', () => {
    const scaled = deployment(withoutImage, [
      { subresource: 'scale', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
    ]);
    expect(isScaledByOther(scaled)).toBe(true);
    expect(isScaledByOther(deployment(ours))).toBe(false);
  });
});

describe('fights', () => {
  const note = { ref, kind: 'changed', fields: ['.spec.replicas'], manager: 'hpa' } as const;
  const key = 'Deployment.apps/shop/web';
  const corrections = (times: readonly number[]) =>
    times.reduce((book, time) => recordCorrection(book, note, time), noFights);

  it('begin with the sixth correction of one field within a minute, and name the other manager', () => {
    expect(fightsAt(corrections([1, 2, 3, 4, 5]), 5).size).toBe(0);
    const book = corrections([1, 2, 3, 4, 5, 6]);
    expect(fightsAt(book, 6).get(key)?.text).toContain('hpa keeps changing .spec.replicas back');
    expect(nextFightEndMs(book, 6)).toBe(60_006);
    expect(fightsAt(book, 60_006).size).toBe(0);
  });

  it('do not begin when corrections are slow, or of different fields', () => {
    expect(fightsAt(corrections([0, 20_000, 40_000, 60_001, 80_001, 100_001, 120_002]), 120_002).size).toBe(
      0,
    );
    let book = noFights;
    for (let index = 0; index < 9; index += 1)
      book = recordCorrection(book, { ...note, fields: [`.f${index}`] }, index);
    expect(fightsAt(book, 9).size).toBe(0);
  });

  it('are left alone for longer each time', () => {
    let book = corrections([1, 2, 3, 4, 5, 6]);
    for (const time of [70_001, 70_002, 70_003, 70_004, 70_005, 70_006])
      book = recordCorrection(book, note, time);
    expect(nextFightEndMs(book, 70_006)).toBe(70_006 + 120_000);
  });
});
