import type { KubeObject } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { applySet, applySetId } from './applyset.ts';
import { emptyInventory, intendedEntry, supersetScope, withEntries } from './inventory.ts';
import { encodeInventory, parseInventory } from './journal.ts';
import { observeObject, ownershipOf } from './live-object.ts';
import { mergeInventory } from './merge.ts';
import { assignmentLabel, fieldManager, ownerAnnotation } from './names.ts';
import { formatOwner, type SetOwner } from './owner.ts';
import { parentRef } from './parent.ts';

const parent = parentRef('Assignment', 'shop', 'flotilla-system');
const setId = applySetId(parent);
const owner = ownerOf('h', 'c');

function ownerOf(hub: string, cluster: string): SetOwner {
  return {
    hubId: hub.repeat(26) as SetOwner['hubId'],
    clusterUid: cluster.repeat(26) as SetOwner['clusterUid'],
  };
}

function live(
  name: string,
  options: { uid?: string; isApplied?: boolean; labels?: Record<string, string>; mark?: string } = {},
) {
  const managedFields = [
    { manager: fieldManager, operation: 'Apply', apiVersion: 'v1', fieldsV1: { 'f:data': {} } },
    { manager: 'kubectl', operation: 'Update', apiVersion: 'v1', fieldsV1: {} },
  ] as const;
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: 'shop',
      uid: options.uid ?? `uid-${name}`,
      resourceVersion: '1',
      labels: options.labels ?? { [assignmentLabel]: 'shop', [applySet.partOfLabel]: setId },
      ...(options.mark === undefined ? {} : { annotations: { [ownerAnnotation]: options.mark } }),
      managedFields: options.isApplied === false ? managedFields.slice(1) : managedFields,
    },
  };
  return observeObject(object);
}

const set = { placement: 'shop', setId, owner: formatOwner(owner) };
const foreignMark = formatOwner(ownerOf('x', 'y'));
const ref = (name: string) => ({ group: '', version: 'v1', kind: 'ConfigMap', namespace: 'shop', name });

describe('ownershipOf', () => {
  const of = (options: Parameters<typeof live>[1]) => ownershipOf(live('a', options), set);

  it('calls member only what is labelled as ours and applied by us', () => {
    expect(of({})).toBe('member');
    expect(of({ isApplied: false })).toBe('orphan');
    expect(of({ labels: {} })).toBe('unlabelled');
    expect(of({ labels: {}, isApplied: false })).toBe('foreign');
    expect(of({ labels: { [assignmentLabel]: 'other' } })).toBe('other-assignment');
    expect(of({ labels: { [applySet.partOfLabel]: 'applyset-x-v1' } })).toBe('other-set');
    expect(of({ labels: { [assignmentLabel]: 'shop' } })).toBe('unlabelled');
  });

  it('calls nothing a member that another agent marked, unless the set was handed over', () => {
    const handedOver = { ...set, owner: undefined };
    expect(of({ mark: set.owner })).toBe('member');
    expect(of({ mark: foreignMark })).toBe('other-agent');
    expect(of({ mark: foreignMark, labels: {} })).toBe('other-agent');
    expect(of({ mark: foreignMark, isApplied: false })).toBe('other-agent');
    expect(ownershipOf(live('a', { mark: foreignMark }), handedOver)).toBe('member');
    expect(of({ mark: foreignMark, labels: { [assignmentLabel]: 'other' } })).toBe('other-assignment');
  });
});

describe('mergeInventory', () => {
  const merge = (inventory: typeof emptyInventory, labelled: readonly ReturnType<typeof live>[]) =>
    mergeInventory(inventory, { ...set, labelled });

  it('takes up live members that a lost journal does not name', () => {
    const { inventory } = merge(emptyInventory, [live('a')]);
    expect(inventory.entries.get('ConfigMap/shop/a')).toMatchObject({ uid: 'uid-a', phase: 'applied' });
  });

  it('takes up nothing that another agent marked, and calls it no orphan', () => {
    const merged = merge(emptyInventory, [live('a', { mark: foreignMark })]);
    expect(merged).toEqual({ inventory: emptyInventory, orphans: [] });
  });

  it('takes an intended object that exists as applied, with unknown content', () => {
    const { inventory } = merge(withEntries(emptyInventory, [intendedEntry(ref('a'))]), [live('a')]);
    expect(inventory.entries.get('ConfigMap/shop/a')).toMatchObject({
      uid: 'uid-a',
      phase: 'applied',
      renderedHash: undefined,
    });
  });

  it('forgets the hashes of an object that was replaced by another', () => {
    const entry = {
      ...intendedEntry(ref('a')),
      uid: 'old',
      renderedHash: 'h',
      ownedFields: 'm',
      phase: 'applied',
    } as const;
    const { inventory } = merge(withEntries(emptyInventory, [entry]), [live('a')]);
    expect(inventory.entries.get('ConfigMap/shop/a')).toMatchObject({
      uid: 'uid-a',
      renderedHash: undefined,
    });
  });

  it('reports what is labelled without our apply and does not own it', () => {
    const merged = merge(emptyInventory, [live('a', { isApplied: false })]);
    expect(merged.inventory).toBe(emptyInventory);
    expect(merged.orphans.map((one) => one.key)).toEqual(['ConfigMap/shop/a']);
  });

  it('keeps entries whose object is not seen', () => {
    const before = withEntries(emptyInventory, [intendedEntry(ref('gone'))]);
    expect(merge(before, []).inventory).toBe(before);
  });
});

describe('the journal', () => {
  it('reads back what it wrote', () => {
    const entry = {
      ...intendedEntry(ref('a')),
      uid: 'u',
      renderedHash: 'h',
      ownedFields: 'm',
      phase: 'pruning',
      note: 'held',
      leftToOthers: ['/spec/replicas'],
      isFinished: true,
    } as const;
    const clusterScoped = intendedEntry({
      group: '',
      version: 'v1',
      kind: 'Namespace',
      namespace: undefined,
      name: 'shop',
    });
    const inventory = {
      ...withEntries(emptyInventory, [entry, clusterScoped]),
      parentScope: { groupKinds: ['ConfigMap'], namespaces: ['shop'] },
      parentVersion: '1.7',
    };
    const stored = JSON.parse(JSON.stringify(encodeInventory(inventory)));
    expect(parseInventory(stored)).toEqual({ ok: true, value: inventory });
  });

  it('refuses a record of a newer format and of none', () => {
    expect(parseInventory({ format: 2, entries: [] })).toMatchObject({
      ok: false,
      error: expect.stringContaining('newer agent'),
    });
    expect(parseInventory([])).toMatchObject({ ok: false });
    expect(parseInventory({ format: 1, entries: [{ kind: 'X' }] })).toMatchObject({ ok: false });
  });
});

describe('supersetScope', () => {
  it('keeps what it named before until the exact scope is written', () => {
    const inventory = {
      ...withEntries(emptyInventory, [intendedEntry(ref('a'))]),
      parentScope: { groupKinds: ['Secret'], namespaces: ['old'] },
    };
    expect(supersetScope(inventory, [{ ...ref('b'), kind: 'Service', namespace: 'new' }])).toEqual({
      groupKinds: ['ConfigMap', 'Secret', 'Service'],
      namespaces: ['new', 'old', 'shop'],
    });
  });
});
