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

const repositoryOf = (one: Neighbour['row']) =>
  one.kind === 'assignment' ? one.variant.content.repositoryUrl : undefined;

/** Keys that do not go by themselves. */
function stopped(...args: Parameters<typeof holdDeletes>): ReadonlySet<string> {
  const { waiting, doubted } = holdDeletes(...args);
  return new Set([...waiting.keys(), ...doubted.keys()]);
}

describe('deletes', () => {
  it('wait while an assignment that is to run is not known within its deadline, or owns the object', () => {
    fc.assert(
      fc.property(row, neighbours, (given, all) => {
        const { waiting } = holdDeletes(given, keys, all);
        for (const one of all.filter(isActive)) {
          if (one.sight === 'known') continue;
          if (!one.isLate) expect(new Set(waiting.keys())).toEqual(new Set(keys));
          for (const key of keys) if (one.owns(key)) expect(waiting.has(key)).toBe(true);
        }
      }),
      often,
    );
  });

  it('never go by themselves while a neighbour that may share the commit that moved the object is not known', () => {
    fc.assert(
      fc.property(row, neighbours, (given, all) => {
        const shares = all.some((one) => {
          if (!isActive(one) || one.sight === 'known') return false;
          return given.kind === 'removal'
            ? one.sight === 'nothing'
            : repositoryOf(one.row) === repositoryOf(given);
        });
        if (shares) expect(stopped(given, keys, all)).toEqual(new Set(keys));
      }),
      often,
    );
  });

  it('wait only for who is named: a neighbour that is not known, or takes over and has not yet', () => {
    fc.assert(
      fc.property(row, neighbours, (given, all) => {
        for (const { subject, code } of holdDeletes(given, keys, all).waiting.values()) {
          const named = all.filter((one) => one.row.placement === subject);
          const isWaitedFor = (one: Neighbour): boolean =>
            code === 'WaitingForTakeOver' ? !one.isApplied : isActive(one) && one.sight !== 'known';
          expect(named.some(isWaitedFor)).toBe(true);
        }
      }),
      often,
    );
  });

  it('have a bound: once all neighbours are late or known, only what one of them owns or takes over waits', () => {
    fc.assert(
      fc.property(row, neighbours, (given, all) => {
        const late = all.map((one) => ({ ...one, isLate: true, isApplied: true }));
        for (const key of holdDeletes(given, keys, late).waiting.keys())
          expect(late.some((one) => isActive(one) && one.owns(key))).toBe(true);
      }),
      often,
    );
  });

  it('are stopped no more once something more is known of a neighbour', () => {
    fc.assert(
      fc.property(row, neighbours, (given, all) => {
        const wiser = all.map((one) => ({ ...one, sight: 'known' as const, isApplied: true }));
        expect(stopped(given, keys, wiser).size).toBe(0);
      }),
      often,
    );
  });

  it('are stopped by each neighbour by itself: together they stop what each of them stops', () => {
    fc.assert(
      fc.property(row, neighbours, (given, all) => {
        const each = new Set(all.flatMap((one) => [...stopped(given, keys, [one])]));
        expect(stopped(given, keys, all)).toEqual(each);
      }),
      often,
    );
  });
});
