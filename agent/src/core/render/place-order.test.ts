import { describe, expect, it } from 'vitest';
import { placeOrder } from './place-order.ts';

type Ordered = Parameters<typeof placeOrder>[0][number];

const origin = { path: 'a.yaml', document: 1 };
const kindOf = (kind: string) => ({ group: '', kind });

/** A ConfigMap that depends on ConfigMaps of its namespace, or on `Kind/name`. */
function object(
  name: string,
  wish: { readonly wave?: number; readonly on?: readonly string[] } = {},
): Ordered {
  const dependsOn = (wish.on ?? []).map((text) => {
    const [kind = '', target = ''] = text.includes('/') ? text.split('/') : ['ConfigMap', text];
    return { text: `${kind}/${target}`, kind: kindOf(kind), namespace: undefined, name: target };
  });
  const ref = { ...kindOf('ConfigMap'), version: 'v1', namespace: 'shop', name };
  return { ref, key: `ConfigMap/shop/${name}`, origin, wish: { wave: wish.wave ?? 0, dependsOn } };
}

describe('the order of a set', () => {
  it('has the keys of what each object needs', () => {
    const { needs, problems } = placeOrder([object('a', { on: ['b', 'c'] }), object('b'), object('c')], []);
    expect(problems).toEqual([]);
    expect([...needs]).toEqual([['ConfigMap/shop/a', ['ConfigMap/shop/b', 'ConfigMap/shop/c']]]);
  });

  it('keeps a place for what is of a kind that is not served yet', () => {
    const widget = { ...kindOf('Widget'), version: 'v1' };
    const coming = {
      kind: widget,
      name: 'w',
      isDefinedHere: true,
      isUnreadable: false,
      servedVersion: undefined,
    };
    const { needs, problems } = placeOrder([object('a', { on: ['Widget/w'] })], [coming]);
    expect(problems).toEqual([]);
    expect(needs.get('ConfigMap/shop/a')).toEqual(['Widget/shop/w']);
  });

  it.each([
    [
      'DependsOnMissing',
      [object('a', { on: ['b'] })],
      'ConfigMap shop/a depends on ConfigMap/b, which is not in the set',
    ],
    [
      'DependsOnLaterWave',
      [object('a', { on: ['b'] }), object('b', { wave: 1 })],
      'ConfigMap shop/a depends on ConfigMap/b, which is in wave 1, after its own wave 0',
    ],
    [
      'DependsOnCircle',
      [object('a', { on: ['b'] }), object('b', { on: ['a'] })],
      'ConfigMap shop/a depends on ConfigMap shop/b depends on ConfigMap shop/a: take one of these away',
    ],
  ])('with a mistake is refused with %s, and says where', (code, objects, text) => {
    expect(placeOrder(objects, []).problems).toMatchObject([
      { code, origin, text: expect.stringContaining(text) },
    ]);
  });
});
