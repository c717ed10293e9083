import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeWorld, scenario } from './plan-scenario-fixture.ts';
import { easily, isMember, walkOn, wantedKeys } from './plan-walk-fixture.ts';
import type { PlanWorld } from './plan-world-fixture.ts';

/** What people do to an object of ours. */
const deed = fc.constantFrom('delete' as const, 'change' as const, 'unlabel' as const);

function doTo(world: PlanWorld, key: string, what: 'delete' | 'change' | 'unlabel'): void {
  const live = world.live.get(key);
  if (live === undefined) return;
  if (what === 'delete') world.live.delete(key);
  else if (what === 'change') world.live.set(key, { ...live, ownedFields: 'theirs' });
  else world.live.set(key, { ...live, assignment: undefined, partOf: undefined });
}

describe('an agent that hears of no new row', () => {
  it('I22: puts back what was changed by hand, as it was, and touches nothing else', () => {
    let putBack = 0;
    fc.assert(
      fc.property(
        scenario,
        fc.array(fc.tuple(fc.nat({ max: 11 }), deed), { maxLength: 6 }),
        (given, deeds) => {
          const made = makeWorld(easily(given));
          const { world } = made;
          walkOn(made, () => undefined);
          const keys = [...wantedKeys(made.goal)].sort();
          const { applied } = world.inventory;
          const touched = new Set<string>();
          for (const [at, what] of deeds) {
            const key = keys[at % keys.length] ?? '';
            doTo(world, key, what);
            touched.add(key);
          }
          const { input } = walkOn(made, (step) => {
            expect(['apply', 'compare', 'dry-run', 'read-objects', 'write-journal']).toContain(step.kind);
            if (step.kind !== 'apply') return;
            putBack += 1;
            expect(touched).toContain(step.object.key);
            expect(step.reason).toBe('drift');
          });
          expect(keys.filter((key) => !isMember(input, key))).toEqual([]);
          for (const key of touched) expect(world.live.get(key)?.ownedFields).not.toBe('theirs');
          expect(world.inventory.applied).toEqual(applied);
        },
      ),
      { numRuns: 300 },
    );
    expect(putBack).toBeGreaterThan(50);
  });
});
