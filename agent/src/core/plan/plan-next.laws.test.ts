import { groupKindKey, objectKey } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attemptKey } from './attempts.ts';
import type { PlanInput } from './goal.ts';
import { planNext } from './plan-next.ts';
import { pool, scenario } from './plan-scenario-fixture.ts';
import { easily, isMember, walk, wantedKeys } from './plan-walk-fixture.ts';
import { desire, owner, placement, refTo } from './plan-world-fixture.ts';
import { isProtected } from './stages.ts';
import type { StepOf } from './step.ts';

function checkDelete(step: StepOf<'delete'>, input: PlanInput): void {
  const { goal, policy, persisted } = input;
  const sight = input.live.get(step.key);
  expect(isMember(input, step.key)).toBe(true);
  expect(sight?.kind === 'present' && sight.object.uid === step.uid && !sight.object.isDeleting).toBe(true);
  expect(persisted.entries.get(step.key)?.uid).toBe(step.uid);
  if (step.cause.kind === 'replace') {
    expect(step.ref.kind).toBe('Job');
    expect(wantedKeys(goal).has(step.key)).toBe(true);
    expect([...input.attempts.provenCreatable].some((one) => one.startsWith(`${step.key}@`))).toBe(true);
    return;
  }
  expect(sight?.kind === 'present' && sight.object.isKept).toBe(false);
  expect(policy.wantedElsewhere.has(step.key)).toBe(false);
  expect(persisted.entries.get(step.key)?.phase).toBe('pruning');
  if (step.cause.kind === 'removal') {
    expect(goal).toMatchObject({ kind: 'removal', mode: 'prune' });
    return;
  }
  expect(goal.kind).toBe('content');
  expect(wantedKeys(goal).has(step.key)).toBe(false);
  expect(policy.prune.enabled).toBe(true);
  expect(planNext(input).isApplied).toBe(true);
  expect(goal.kind === 'content' && goal.unplaced).toEqual([]);
}

/** Entries that a journal write marks for deletion keep to the budgets and leave protected kinds out. */
function checkMarks(step: StepOf<'write-journal'>, input: PlanInput): void {
  const marked = [...step.inventory.entries.values()].filter(
    (entry) =>
      entry.phase === 'pruning' && input.inventory.entries.get(objectKey(entry.ref))?.phase !== 'pruning',
  );
  expect(marked.filter((entry) => isProtected(entry.ref))).toEqual([]);
  if (marked.length === 0 || input.goal.kind === 'removal') return;
  const { maxObjects, maxPercent } = input.policy.prune;
  expect(marked.length).toBeLessThanOrEqual(maxObjects);
  const owned = input.inventory.entries.size;
  if (owned >= 10) expect(marked.length * 100).toBeLessThanOrEqual(maxPercent * owned);
}

/** What a journal write forgets was seen: gone, or not ours any more. */
function checkForgotten(step: StepOf<'write-journal'>, input: PlanInput): void {
  for (const key of input.inventory.entries.keys()) {
    if (step.inventory.entries.has(key)) continue;
    const sight = input.live.get(key);
    const entry = input.inventory.entries.get(key);
    const isReplaced = sight?.kind === 'present' && sight.object.uid !== entry?.uid;
    const isReleased = input.goal.kind === 'removal' && input.goal.mode === 'orphan';
    expect(
      sight?.kind === 'absent' ||
        (sight?.kind === 'present' && (!isMember(input, key) || isReplaced || isReleased)),
    ).toBe(true);
  }
}

/** I19: nobody writes what another held assignment has the better claim to, but its owner, until that one has taken it. */
function checkClaim(step: StepOf<'apply'>, input: PlanInput): void {
  const { key } = step.object;
  const sight = input.live.get(key);
  const claim = input.policy.claims.get(key);
  if (claim !== undefined && claim.winner !== placement) expect(isMember(input, key)).toBe(true);
  const isOtherAgents = sight?.kind === 'present' && sight.object.owner !== owner;
  if (isOtherAgents) expect(sight.object.owner).toBeUndefined();
}

function checkApply(step: StepOf<'apply'>, input: PlanInput): void {
  const { key, ref } = step.object;
  const sight = input.live.get(key);
  checkClaim(step, input);
  expect(wantedKeys(input.goal).has(key)).toBe(true);
  expect(input.persisted.entries.has(key) || input.storedIntent.has(key)).toBe(true);
  expect(input.inventory.parentScope?.groupKinds).toContain(groupKindKey(ref));
  if (ref.namespace !== undefined) expect(input.inventory.parentScope?.namespaces).toContain(ref.namespace);
  expect(sight?.kind === 'absent' || sight?.kind === 'present').toBe(true);
  if (!step.force || sight?.kind !== 'present') return;
  const isOurs = input.inventory.entries.get(key)?.uid === sight.object.uid;
  const isTaken =
    input.policy.takeOver === 'always' ||
    input.attempts.foundEqual.has(attemptKey(step.object)) ||
    (sight.object.assignment !== undefined && sight.object.assignment === input.policy.takeOverFrom) ||
    input.policy.claims.get(key)?.rivals.some((one) => one === sight.object.assignment);
  expect(isOurs || isTaken).toBe(true);
}

const runs = { numRuns: 500 };

describe('planNext, whatever the cluster is like', () => {
  it('deletes only what is ours, with a cause, after everything wanted is applied', () => {
    let deletes = 0;
    fc.assert(
      fc.property(scenario, (given) => {
        walk(given, (step, input) => {
          if (step.kind !== 'delete') return;
          deletes += 1;
          checkDelete(step, input);
        });
      }),
      runs,
    );
    expect(deletes).toBeGreaterThan(40);
  });

  it('I18: marks for deletion only within the budgets, and never a protected kind', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        walk(given, (step, input) => {
          if (step.kind === 'write-journal') checkMarks(step, input);
        });
      }),
      runs,
    );
  });

  it('I18: holds back no removal by a budget: a row that asks for it is its own permission, but not of protected kinds', () => {
    let held = 0;
    fc.assert(
      fc.property(scenario, (given) => {
        const { input } = walk({ ...given, removal: 'prune' }, () => undefined);
        const list = planNext(input).heldPrune;
        if (list === undefined) return;
        held += 1;
        expect(list.refs.every(isProtected)).toBe(true);
      }),
      runs,
    );
    expect(held).toBeGreaterThan(5);
  });

  it('forgets only what it saw gone or not ours', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        walk(given, (step, input) => {
          if (step.kind === 'write-journal') checkForgotten(step, input);
        });
      }),
      runs,
    );
  });

  it('applies only what is wanted, written down before, named by the parent, and forces only on its own', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        walk(given, (step, input) => {
          if (step.kind === 'apply') checkApply(step, input);
        });
      }),
      runs,
    );
  });

  it('writes nothing in atomic mode while anything wanted is refused, foundations apart', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const atomic = { ...given, policy: { ...given.policy, mode: 'atomic' as const } };
        walk(atomic, (step, input) => {
          if (step.kind !== 'apply' || step.object.stage === 0) return;
          expect(planNext(input).blocked).toEqual([]);
          expect(input.attempts.dryRunPassed.has(attemptKey(step.object))).toBe(true);
        });
      }),
      runs,
    );
  });

  it('calls a content applied only when everything of it is', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        walk(given, (step, input) => {
          if (step.kind !== 'write-journal' || step.inventory.applied === input.inventory.applied) return;
          expect(planNext(input).isApplied).toBe(true);
        });
      }),
      runs,
    );
  });

  it('comes to an end, and then has nothing more to do', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { input } = walk(given, () => undefined);
        expect(planNext(input).steps).toEqual([]);
        expect(input.inventory).toBe(input.persisted);
      }),
      runs,
    );
  });

  it('ends settled with everything applied when nothing stands in the way', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { input, world } = walk(easily(given), () => undefined);
        const plan = planNext(input);
        expect(plan).toMatchObject({ settled: true, isApplied: true, blocked: [] });
        for (const key of wantedKeys(input.goal)) expect(world.live.has(key)).toBe(true);
      }),
      runs,
    );
  });
});

describe('the reference of a pool object', () => {
  it('is what the world keys it by', () => {
    for (const [kind, name] of pool) expect(desire(kind, name).key).toBe(objectKey(refTo(kind, name)));
  });
});
