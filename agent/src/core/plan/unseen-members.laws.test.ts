import { groupKindKey } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coversScope, scopeOf } from '../inventory/index.ts';
import type { PlanInput } from './goal.ts';
import { planNext } from './plan-next.ts';
import { look, makeWorld, pool, type Scenario, scenario } from './plan-scenario-fixture.ts';
import { desire, noAnswer, perform, refTo } from './plan-world-fixture.ts';
import type { Step } from './step.ts';

/** A restart that finds a parent which names every kind, while some of them cannot be read. */
function walk(
  given: Scenario,
  law: (step: Step, input: PlanInput) => void,
  // Single objects that cannot be read say nothing about their kind.
  hides: 'kinds' | 'objects' = 'kinds',
): PlanInput {
  const { world, goal, ...context } = makeWorld(given);
  world.inventory = {
    ...world.inventory,
    parentScope: scopeOf(pool.map(([kind, name]) => refTo(kind, name))),
  };
  world.persisted = world.inventory;
  const objects = [...pool.map(([kind, name]) => desire(kind, name)), desire('ConfigMap', 'always')];
  const hidden = objects.filter(({ key }) => context.unreadable.has(key));
  const kinds = new Set(hidden.map((object) => groupKindKey(object.ref)));
  if (hides === 'objects') kinds.clear();
  for (const { key, ref } of objects) if (kinds.has(groupKindKey(ref))) context.unreadable.add(key);
  const unread = [...kinds].map((groupKind) => ({ groupKind, reason: noAnswer }));
  for (let round = 0; round < 60; round += 1) {
    const input = { ...look(world, goal, context), scope: { unread, unserved: new Set<string>() } };
    const { steps } = planNext(input);
    if (steps.length === 0) return input;
    for (const step of steps) {
      law(step, input);
      perform(world, step);
    }
  }
  throw new Error('no end in 60 rounds');
}

/** The same with everything wanted applicable and everything live ours, so that leftovers are pruned. */
function toPrune(given: Scenario): Scenario {
  const prune = { ...given.policy.prune, enabled: true, maxPercent: 100 as const };
  const policy: Scenario['policy'] = { ...given.policy, takeOver: 'always', drift: 'correct', prune };
  const spots = given.spots.map((one) => ({
    ...one,
    live: one.live === 'absent' ? 'absent' : 'member',
  })) as unknown as Scenario['spots'];
  return { ...given, isSmooth: true, removal: undefined, policy, spots };
}

const runs = { numRuns: 500 };

describe('planNext while kinds of the set cannot be read', () => {
  it('neither narrows the parent nor forgets the set', () => {
    let seen = 0;
    fc.assert(
      fc.property(scenario, (given) => {
        walk(given, (step, input) => {
          if (input.scope.unread.length === 0) return;
          seen += 1;
          expect(step.kind).not.toBe('forget-assignment');
          if (step.kind === 'write-parent')
            expect(coversScope(step.scope, input.inventory.parentScope ?? step.scope)).toBe(true);
        });
      }),
      runs,
    );
    expect(seen).toBeGreaterThan(100);
  });

  it('comes to an end that is not called settled', () => {
    let ends = 0;
    fc.assert(
      fc.property(scenario, (given) => {
        const input = walk(given, () => undefined);
        // Where nothing is ever pruned, a leftover is nothing to wait for.
        if (input.scope.unread.length === 0 || !given.policy.prune.enabled) return;
        ends += 1;
        expect(planNext(input).settled).toBe(false);
        expect(input.inventory).toBe(input.persisted);
      }),
      runs,
    );
    expect(ends).toBeGreaterThan(100);
  });

  it('marks for deletion only what is within the budget together with all that cannot be read', () => {
    let counted = 0;
    const law = (step: Step, input: PlanInput) => {
      if (step.kind !== 'write-journal' || input.goal.kind === 'removal') return;
      const wanted = new Set(input.goal.objects.map((object) => object.key));
      const isFresh = (key: string) => input.inventory.entries.get(key)?.phase !== 'pruning';
      const marked = [...step.inventory.entries].filter(
        ([key, entry]) => entry.phase === 'pruning' && isFresh(key),
      );
      const hidden = [...input.inventory.entries.keys()].filter(
        (key) => !wanted.has(key) && isFresh(key) && input.live.get(key)?.kind === 'unreadable',
      );
      if (marked.length === 0 || hidden.length === 0) return;
      counted += 1;
      expect(marked.length + hidden.length).toBeLessThanOrEqual(input.policy.prune.maxObjects);
    };
    fc.assert(
      fc.property(scenario, (given) => void walk(toPrune(given), law, 'objects')),
      runs,
    );
    expect(counted).toBeGreaterThan(10);
  });
});
