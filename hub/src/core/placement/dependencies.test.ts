import { describe, expect, it } from 'vitest';
import { dependencyErrors } from './dependencies.ts';
import { placementDocument, specFrom } from './placement-fixture.ts';

/** Mistakes of placements that are written as `name: what it depends on`. */
function mistakes(graph: { readonly [name: string]: readonly string[] }): {
  readonly [name: string]: readonly string[];
} {
  const documents = Object.entries(graph).map(([name, others]) =>
    placementDocument(
      name,
      '{names: [eu-1]}',
      others.length === 0 ? '' : `  dependsOn: [${others.join(', ')}]\n`,
    ),
  );
  const found = dependencyErrors(specFrom(...documents).placements);
  return Object.fromEntries(
    [...found].map(([name, errors]) => [name, errors.map((one) => `${one.code} ${one.text}`)]),
  );
}

describe('what placements depend on', () => {
  it('may be a net without circles', () => {
    expect(mistakes({ shop: ['dns', 'tls'], dns: ['net'], tls: ['net'], net: [] })).toEqual({});
  });

  it('is there, or a near name is offered', () => {
    expect(mistakes({ shop: ['cert-manger'], 'cert-manager': [] })).toEqual({
      shop: ['UNKNOWN_REFERENCE there is no Placement "cert-manger"; did you mean "cert-manager"?'],
    });
  });

  it('never goes round in a circle: each in it is told the whole way, others are not blamed', () => {
    expect(mistakes({ a: ['b'], b: ['c'], c: ['a'], outside: ['a'] })).toEqual({
      a: ['CONTRADICTION goes round in a circle: a -> b -> c -> a; none of them could ever begin'],
      b: ['CONTRADICTION goes round in a circle: b -> c -> a -> b; none of them could ever begin'],
      c: ['CONTRADICTION goes round in a circle: c -> a -> b -> c; none of them could ever begin'],
    });
  });

  it('is told with the place in the file', () => {
    const [error] =
      dependencyErrors(
        specFrom(placementDocument('shop', '{names: [eu-1]}', '  dependsOn: [gone]\n')).placements,
      ).get('shop') ?? [];
    expect(error).toMatchObject({ line: expect.any(Number), file: expect.any(String) });
  });
});
