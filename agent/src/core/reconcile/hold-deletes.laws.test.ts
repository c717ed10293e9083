import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdDeletes, type Neighbour } from './hold-deletes.ts';
import { neighbourOf, rowOf } from './hold-deletes-fixture.ts';

const keys = ['ConfigMap/shop/a', 'ConfigMap/shop/b', 'Secret/shop/c'];
const repository = fc.constantFrom('https://git.example.org/one.git', 'https://git.example.org/two.git');
const row = fc
  .record({ isRemoval: fc.boolean(), repository })
  .map((given) => rowOf({ placement: 'shop', ...given }));
const neighbour: fc.Arbitrary<Neighbour> = fc
  .record({
    row: fc.record({
      placement: fc.constantFrom('shop', 'cart', 'pay', 'mail'),
      isRemoval: fc.boolean(),
      repository,
      takeOverFrom: fc.constantFrom(undefined, 'shop', 'cart'),
      isSuspended: fc.boolean(),
    }),
    sight: fc.constantFrom('known' as const, 'last' as const, 'nothing' as const),
    isApplied: fc.boolean(),
    isLate: fc.boolean(),
    owned: fc.subarray(keys),
  })
  .map(({ row: given, owned, ...facts }) =>
    neighbourOf(given, { ...facts, owns: (key) => owned.includes(key) }),
  );
const neighbours = fc.array(neighbour, { maxLength: 4 });
const isActive = (one: Neighbour): boolean =>
  one.row.kind === 'assignment' && one.row.suspension === undefined && one.row.placement !== 'shop';

const often = { numRuns: 1_000 };

describe('deletes', () => {
  it('never go while an assignment that is to run was never seen, or owns the object and is not known', () => {
    fc.assert(
      fc.property(row, neighbours, (given, all) => {
        const held = holdDeletes(given, keys, all);
        for (const one of all.filter(isActive)) {
          if (one.sight === 'nothing') expect([...held.keys()]).toEqual(keys);
          if (one.sight === 'last')
            for (const key of keys) if (one.owns(key)) expect(held.has(key)).toBe(true);
        }
      }),
      often,
    );
  });

  it('never go while a neighbour that may share the commit that moved the object is not known', () => {
    fc.assert(
      fc.property(row, neighbours, (given, all) => {
        fc.pre(given.kind === 'assignment');
        const held = holdDeletes(given, keys, all);
        const repositoryOf = (one: Neighbour['row']) =>
          one.kind === 'assignment' ? one.variant.content.repositoryUrl : undefined;
        const shares = all.some(
          (one) => isActive(one) && one.sight !== 'known' && repositoryOf(one.row) === repositoryOf(given),
        );
        if (shares) expect([...held.keys()]).toEqual(keys);
      }),
      often,
    );
  });

  it('wait only for who is named: a neighbour that is not known, or takes over and has not yet', () => {
    fc.assert(
      fc.property(row, neighbours, (given, all) => {
        for (const { subject, code } of holdDeletes(given, keys, all).values()) {
          const named = all.filter((one) => one.row.placement === subject);
          const isWaitedFor = (one: Neighbour): boolean =>
            code === 'WaitingForTakeOver' ? !one.isApplied : isActive(one) && one.sight !== 'known';
          expect(named.some(isWaitedFor)).toBe(true);
        }
      }),
      often,
    );
  });

  it('wait for no more once something more is known of a neighbour', () => {
    fc.assert(
      fc.property(row, neighbours, (given, all) => {
        const before = holdDeletes(given, keys, all);
        const wiser = all.map((one) => ({ ...one, sight: 'known' as const, isApplied: true }));
        for (const key of holdDeletes(given, keys, wiser).keys()) expect(before.has(key)).toBe(true);
        expect(holdDeletes(given, keys, wiser).size).toBe(0);
      }),
      often,
    );
  });

  it('wait for each neighbour by itself: together they hold what each of them holds', () => {
    fc.assert(
      fc.property(row, neighbours, (given, all) => {
        const each = new Set(all.flatMap((one) => [...holdDeletes(given, keys, [one]).keys()]));
        expect(new Set(holdDeletes(given, keys, all).keys())).toEqual(each);
      }),
      often,
    );
  });
});
