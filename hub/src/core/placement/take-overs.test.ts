import { describe, expect, it } from 'vitest';
import { placementDocument, specFrom } from './placement-fixture.ts';
import { heirsOf, takeOverErrors } from './take-overs.ts';

/** Placements by name, each with the one from which it takes over; '' = from none. */
function placementsOf(wishes: { readonly [name: string]: string }) {
  const documents = Object.entries(wishes).map(([name, from]) =>
    placementDocument(name, '{names: [eu-1]}', from === '' ? '' : `  takeOverFrom: ${from}\n`),
  );
  return specFrom(...documents).placements;
}

describe('who takes over from whom', () => {
  it('is known by the name of who loses, also of one that is not in Git any more', () => {
    const heirs = heirsOf(placementsOf({ shop: 'old', till: 'old', cart: 'shop', plain: '' }));
    expect(Object.fromEntries(heirs)).toEqual({ old: ['shop', 'till'], shop: ['cart'] });
  });

  it('is a mistake of everybody in a circle, with the circle, and of nobody else', () => {
    const errors = takeOverErrors(placementsOf({ a: 'b', b: 'c', c: 'a', d: 'a', e: 'gone' }));
    expect([...errors.keys()]).toEqual(['a', 'b', 'c']);
    expect(errors.get('b')).toMatchObject([
      { code: 'CONTRADICTION', file: 'fleet.yaml', text: expect.stringContaining('b -> c -> a -> b') },
    ]);
  });
});
