import type { KubeObject } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { findCircle, keysOf, parseOrder } from './order.ts';

const kind = { group: 'apps', kind: 'Deployment' };
const objectOf = (annotations: { readonly [name: string]: unknown }): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  // Anything may stand in a manifest.
  metadata: { name: 'web', annotations: annotations as Record<string, string> },
});
const wave = 'flotilla.dev/wave';
const dependsOn = 'flotilla.dev/depends-on';

describe('the order that an object asks for', () => {
  it('is wave 0 and nothing to depend on, when it says nothing', () => {
    expect(parseOrder(objectOf({}), kind)).toEqual({ ok: true, value: { wave: 0, dependsOn: [] } });
  });

  it('is read with kinds of groups, namespaces and several objects', () => {
    const text = 'StatefulSet.apps/store, Secret/other/key,Issuer.cert-manager.io/ca';
    const read = parseOrder(objectOf({ [wave]: '-3', [dependsOn]: text }), kind);
    expect(read).toMatchObject({
      ok: true,
      value: {
        wave: -3,
        dependsOn: [
          { kind: { group: 'apps', kind: 'StatefulSet' }, namespace: undefined, name: 'store' },
          { kind: { group: '', kind: 'Secret' }, namespace: 'other', name: 'key' },
          { kind: { group: 'cert-manager.io', kind: 'Issuer' }, namespace: undefined, name: 'ca' },
        ],
      },
    });
    const keys = read.ok ? read.value.dependsOn.map((one) => keysOf(one, { namespace: 'shop' })) : [];
    expect(keys).toEqual([
      ['StatefulSet.apps/shop/store', 'StatefulSet.apps//store'],
      ['Secret/other/key'],
      ['Issuer.cert-manager.io/shop/ca', 'Issuer.cert-manager.io//ca'],
    ]);
  });

  it.each([
    [{ [wave]: 'first' }, 'has flotilla.dev/wave: "first", which is no integer from -1000 to 1000'],
    [{ [wave]: '1001' }, 'has flotilla.dev/wave: "1001"'],
    [{ [wave]: 1 }, 'has flotilla.dev/wave: 1, which is no integer'],
    [{ [dependsOn]: 'store' }, 'has flotilla.dev/depends-on: "store", which is not KIND[.GROUP]'],
    [{ [dependsOn]: 'Secret/a,' }, 'has flotilla.dev/depends-on: "Secret/a,"'],
    [{ [dependsOn]: 'apps/namespaces/x/Deployment/y' }, 'has flotilla.dev/depends-on'],
    [{ [wave]: '1', 'helm.sh/hook': 'pre-install' }, 'is a hook, which helm.sh/hook-weight gives its place'],
  ])('%j is a mistake that is named', (annotations, text) => {
    expect(parseOrder(objectOf(annotations), kind)).toEqual({
      ok: false,
      error: expect.stringContaining(text),
    });
  });

  it('cannot be asked for by what goes first anyway', () => {
    expect(parseOrder(objectOf({ [wave]: '1' }), { group: '', kind: 'Namespace' })).toEqual({
      ok: false,
      error:
        'goes before all others in any case: take flotilla.dev/wave and flotilla.dev/depends-on away from it',
    });
  });
});

describe('a circle of needs', () => {
  const needs = (text: string) =>
    new Map(text.split(' ').map((one) => [one.slice(0, 1), one.slice(1).split('')] as const));

  it.each([
    ['abc bc', undefined],
    ['ab bc ca', ['a', 'b', 'c', 'a']],
    ['aa', ['a', 'a']],
    ['xa ab bcd db', ['b', 'd', 'b']],
  ])('of %j is %j', (text, circle) => {
    expect(findCircle(needs(text))).toEqual(circle);
  });

  it('is looked for in a chain as long as a set may be', () => {
    const chain = Array.from({ length: 5_000 }, (_, index) => [`${index}`, [`${index + 1}`]] as const);
    expect(findCircle(new Map(chain))).toBeUndefined();
    expect(findCircle(new Map([...chain, ['5000', ['0']]]))).toHaveLength(5_002);
  });
});
