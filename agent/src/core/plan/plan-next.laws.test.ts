import type { PlacementName } from '@flotilla/shared/base';
import { groupKindKey, objectKey } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InventoryEntry, intendedEntry, ownershipOf, withEntries } from '../inventory/index.ts';
import { attemptKey, deleteAttempt, type Failure } from './attempts.ts';
import type { DesiredObject, Goal, PlanInput, PlanPolicy } from './goal.ts';
import { planNext } from './plan-next.ts';
import {
  contentGoal,
  desire,
  emptyWorld,
  inputOf,
  liveOf,
  type PlanWorld,
  perform,
  placement,
  policyOf,
  refTo,
  setId,
} from './plan-world.testing.ts';
import { isProtected } from './stages.ts';
import type { Step, StepOf } from './step.ts';

const pool = [
  ['Namespace', 'shop'],
  ['CustomResourceDefinition.apiextensions.k8s.io', 'widgets'],
  ['ClusterRole.rbac.authorization.k8s.io', 'reader'],
  ['ConfigMap', 'a'],
  ['ConfigMap', 'b'],
  ['Secret', 'key'],
  ['PersistentVolumeClaim', 'data'],
  ['Deployment.apps', 'web'],
  ['Service', 'web'],
  ['Job.batch', 'migrate'],
  ['Widget.example.org', 'one'],
  ['ValidatingWebhookConfiguration.admissionregistration.k8s.io', 'guard'],
] as const;

const failures: Failure['severity'][] = ['final', 'passing', 'immutable'];

/** What one object of the pool is like at the start. */
const spot = fc.record({
  isWanted: fc.boolean(),
  hash: fc.constantFrom('h1', 'h2'),
  entry: fc.constantFrom('none', 'intended', 'applied', 'applied-other-uid', 'pruning'),
  live: fc.constantFrom(
    'absent',
    'member',
    'orphan',
    'unlabelled',
    'other-assignment',
    'other-set',
    'foreign',
    'deleting',
    'kept',
  ),
  sight: fc.constantFrom('seen', 'seen', 'seen', 'unseen', 'unreadable'),
  failure: fc.option(fc.constantFrom(...failures), { nil: undefined, freq: 6 }),
  deleteFails: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
  isWantedElsewhere: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
});
type Spot = typeof spot extends fc.Arbitrary<infer T> ? T : never;

const scenario = fc.record({
  /** Whatever is wanted can be applied, so that prunes are reached. */
  isSmooth: fc.boolean(),
  spots: fc.tuple(...pool.map(() => spot)),
  removal: fc.constantFrom(undefined, undefined, 'prune' as const, 'orphan' as const),
  hasUnplaced: fc.integer({ min: 0, max: 4 }).map((number) => number === 0),
  policy: fc.record({
    mode: fc.constantFrom('bestEffort' as const, 'atomic' as const),
    takeOver: fc.constantFrom('ifNoDiff' as const, 'always' as const, 'never' as const),
    takeOverFrom: fc.constantFrom(undefined, 'other' as PlacementName),
    drift: fc.constantFrom('correct' as const, 'report' as const),
    prune: fc.record({
      enabled: fc.boolean(),
      maxObjects: fc.constantFrom(0, 1, 3, 100),
      maxPercent: fc.constantFrom(0, 30, 100),
    }),
  }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

function makeWorld(given: Scenario): {
  world: PlanWorld;
  goal: Goal;
  policy: PlanPolicy;
  unreadable: Set<string>;
} {
  const world = emptyWorld();
  const wanted: DesiredObject[] = [];
  const unreadable = new Set<string>();
  const wantedElsewhere = new Map<string, string>();
  const failed = new Map<string, Failure>();
  given.spots.forEach((rough, index) => {
    const one = given.isSmooth && rough.isWanted ? smooth(rough) : rough;
    const [kind, name] = pool[index]!;
    const object = desire(kind, name, one.hash);
    if (one.isWanted) wanted.push(object);
    placeLive(world, object, one);
    const entry = entryOf(world, object, one);
    if (entry !== undefined) world.inventory = withEntries(world.inventory, [entry]);
    if (one.sight === 'seen') world.seen.add(object.key);
    if (one.sight === 'unreadable') unreadable.add(object.key);
    if (one.isWantedElsewhere) wantedElsewhere.set(object.key, 'other');
    const reason = { code: 'No', text: 'no', subject: name };
    if (one.failure !== undefined)
      failed.set(attemptKey(object), { severity: one.failure, reason, retryAfterMs: undefined });
    if (one.deleteFails)
      failed.set(attemptKey({ key: object.key, hash: deleteAttempt }), {
        severity: 'final',
        reason,
        retryAfterMs: undefined,
      });
  });
  world.attempts = { ...world.attempts, failures: failed };
  world.persisted = world.inventory;
  if (wanted.length === 0) wanted.push(desire('ConfigMap', 'always'));
  const unplaced =
    given.hasUnplaced && !given.isSmooth
      ? [
          {
            kind: { group: 'x.org', version: 'v1', kind: 'X' },
            name: 'x',
            isDefinedHere: false,
            isUnreadable: false,
          },
        ]
      : [];
  const goal: Goal =
    given.removal === undefined
      ? { ...contentGoal(wanted), unplaced }
      : { kind: 'removal', mode: given.removal };
  return { world, goal, policy: policyOf({ ...given.policy, wantedElsewhere }), unreadable };
}

function smooth(one: Spot): Spot {
  const live = one.live === 'absent' ? 'absent' : 'member';
  return { ...one, failure: undefined, live, sight: 'seen' };
}

function placeLive(world: PlanWorld, object: DesiredObject, { live }: Spot): void {
  if (live === 'absent') return;
  const changes = {
    member: {},
    orphan: { ownedFields: undefined },
    unlabelled: { assignment: undefined, partOf: undefined },
    'other-assignment': { assignment: 'other', partOf: 'applyset-other' },
    'other-set': { assignment: undefined, partOf: 'applyset-other' },
    foreign: { assignment: undefined, partOf: undefined, ownedFields: undefined },
    deleting: { isDeleting: true },
    kept: { isKept: true },
  };
  world.live.set(object.key, liveOf(object.ref, changes[live]));
}

function entryOf(world: PlanWorld, object: DesiredObject, { entry }: Spot): InventoryEntry | undefined {
  if (entry === 'none') return undefined;
  if (entry === 'intended') return intendedEntry(object.ref);
  const uid = entry === 'applied-other-uid' ? 'gone' : (world.live.get(object.key)?.uid ?? 'gone');
  const phase = entry === 'pruning' ? 'pruning' : 'applied';
  return { ...intendedEntry(object.ref), uid, renderedHash: 'h1', ownedFields: 'fields', phase };
}

function look(
  world: PlanWorld,
  goal: Goal,
  context: { policy: PlanPolicy; unreadable: Set<string> },
): PlanInput {
  const input = inputOf(world, goal, context.policy);
  const live = new Map(input.live);
  const reason = { code: 'ApiUnavailable', text: 'no answer', subject: '' };
  for (const key of context.unreadable) live.set(key, { kind: 'unreadable', reason, isFinal: false });
  return { ...input, live };
}

/** Performs plans to the end and hands every step with the input that led to it to the law. */
function walk(
  given: Scenario,
  law: (step: Step, input: PlanInput) => void,
): { world: PlanWorld; input: PlanInput } {
  const { world, goal, ...context } = makeWorld(given);
  for (let round = 0; round < 60; round += 1) {
    const input = look(world, goal, context);
    const { steps } = planNext(input);
    if (steps.length === 0) return { world, input };
    for (const step of steps) {
      law(step, input);
      perform(world, step);
    }
  }
  throw new Error('no end in 60 rounds');
}

function wantedKeys(goal: Goal): Set<string> {
  return new Set(goal.kind === 'content' ? goal.objects.map((object) => object.key) : []);
}

function isMember(input: PlanInput, key: string): boolean {
  const sight = input.live.get(key);
  return sight?.kind === 'present' && ownershipOf(sight.object, placement, setId) === 'member';
}

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

function checkApply(step: StepOf<'apply'>, input: PlanInput): void {
  const { key, ref } = step.object;
  const sight = input.live.get(key);
  expect(wantedKeys(input.goal).has(key)).toBe(true);
  expect(input.persisted.entries.has(key)).toBe(true);
  expect(input.inventory.parentScope?.groupKinds).toContain(groupKindKey(ref));
  if (ref.namespace !== undefined) expect(input.inventory.parentScope?.namespaces).toContain(ref.namespace);
  expect(sight?.kind === 'absent' || sight?.kind === 'present').toBe(true);
  if (!step.force || sight?.kind !== 'present') return;
  const isOurs = input.inventory.entries.get(key)?.uid === sight.object.uid;
  const isTaken =
    input.policy.takeOver === 'always' ||
    input.attempts.foundEqual.has(attemptKey(step.object)) ||
    (sight.object.assignment !== undefined && sight.object.assignment === input.policy.takeOverFrom);
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
    expect(deletes).toBeGreaterThan(100);
  });

  it('marks for deletion only within the budgets, and never a protected kind', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        walk(given, (step, input) => {
          if (step.kind === 'write-journal') checkMarks(step, input);
        });
      }),
      runs,
    );
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
        const spots = given.spots.map((one) => ({
          ...one,
          failure: undefined,
          deleteFails: false,
          isWantedElsewhere: false,
          sight: 'seen' as const,
          live: ['absent', 'member', 'unlabelled', 'foreign', 'kept'].includes(one.live)
            ? one.live
            : 'member',
        })) as unknown as Scenario['spots'];
        const easy: Scenario = {
          ...given,
          spots,
          hasUnplaced: false,
          removal: undefined,
          policy: { ...given.policy, takeOver: 'ifNoDiff', drift: 'correct' },
        };
        const { input, world } = walk(easy, () => undefined);
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
