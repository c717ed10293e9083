import type { PlacementName } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { placementDocument, specFrom } from '../core/placement/placement-fixture.ts';
import { Dependents } from './dependents.ts';

const [shop, net, dns] = ['shop', 'net', 'dns'] as PlacementName[] as [
  PlacementName,
  PlacementName,
  PlacementName,
];
const { at } = specFrom().placements[0] ?? { at: { file: 'a', line: 1, column: 1, field: '' } };

const { apply } = specFrom(placementDocument('shop', '{names: [eu-1]}')).placements[0]!;

function dependingOn(...names: readonly string[]) {
  return { apply, dependsOn: names.map((name) => ({ name, at })) };
}

describe('who depends on a placement', () => {
  it('is known from the rules that stand, and forgotten with them', () => {
    const dependents = new Dependents();
    dependents.set(shop, dependingOn('net', 'dns'));
    dependents.set(dns, dependingOn('net'));
    expect([...dependents.of(net)]).toEqual([shop, dns]);
    dependents.set(shop, dependingOn('dns'));
    expect([...dependents.of(net)]).toEqual([dns]);
    expect([...dependents.of(dns)]).toEqual([shop]);
    dependents.set(shop, undefined);
    expect([...dependents.of(dns)]).toEqual([]);
    expect([...dependents.of(shop)]).toEqual([]);
  });

  it('is also whose objects it takes over, and stays so when it left Git', () => {
    const dependents = new Dependents();
    dependents.set(shop, { ...dependingOn(), apply: { ...apply, takeOverFrom: dns } });
    dependents.set(net, dependingOn('shop'));
    expect([...dependents.of(shop)]).toEqual([net, dns]);
    dependents.set(shop, undefined);
    expect([...dependents.of(shop)]).toEqual([net, dns]);
  });
});
