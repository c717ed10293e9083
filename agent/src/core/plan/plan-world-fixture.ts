import { objectKey } from '@flotilla/shared/model';
import { emptyInventory, type Inventory, type LiveObject, withEntries } from '../inventory/index.ts';
import { type Attempts, attemptKey, type Failure, noAttempts } from './attempts.ts';
import type { DesiredObject, Goal, LiveSight, PlanInput, PlanPolicy, ScopeSight } from './goal.ts';
import { planNext } from './plan-next.ts';
import {
  contentGoal,
  type desire,
  liveOf,
  noAnswer,
  owner,
  placement,
  policyOf,
  refTo,
  setId,
} from './plan-object-fixture.ts';
import type { Step, StepKind } from './step.ts';

export * from './plan-object-fixture.ts';

/** Test only: a cluster and a state store of a few lines, on which plans are performed. */
export interface PlanWorld {
  /** What is on the cluster. */
  readonly live: Map<string, LiveObject>;
  /** What planning has looked at. */
  readonly seen: Set<string>;
  /** Objects whose kind cannot be read now, by key. */
  readonly unreadable: Set<string>;
  scope: ScopeSight;
  /** Kinds that are gone for sure, for whoever asks. */
  readonly goneKinds: Set<string>;
  inventory: Inventory;
  persisted: Inventory;
  attempts: Attempts;
  /** All steps performed, in order. */
  readonly done: Step[];
}

export function emptyWorld(): PlanWorld {
  return {
    live: new Map(),
    seen: new Set(),
    unreadable: new Set(),
    scope: { unread: [], unserved: new Set() },
    goneKinds: new Set(),
    inventory: emptyInventory,
    persisted: emptyInventory,
    attempts: noAttempts,
    done: [],
  };
}

export function inputOf(world: PlanWorld, goal: Goal, policy: PlanPolicy = policyOf()): PlanInput {
  const keys = [...world.seen, ...world.unreadable];
  const live = new Map(keys.map((key) => [key, sightOf(world, key)] as const));
  const { inventory, persisted, attempts, scope } = world;
  return { goal, policy, live, scope, inventory, persisted, attempts, storedIntent: new Set(), nowMs: 0 };
}

function sightOf(world: PlanWorld, key: string): LiveSight {
  const object = world.live.get(key);
  if (world.unreadable.has(key)) return { kind: 'unreadable', reason: noAnswer, isFinal: false };
  if (object === undefined) return { kind: 'absent' };
  return { kind: 'present', object, health: 'Current', deletingSinceMs: object.isDeleting ? 0 : undefined };
}

/** Performs one step as a well-behaved cluster would. */
export function perform(world: PlanWorld, step: Step): void {
  world.done.push(step);
  switch (step.kind) {
    case 'read-objects':
      for (const ref of step.refs) world.seen.add(objectKey(ref));
      return;
    case 'write-journal':
      world.inventory = step.inventory;
      world.persisted = step.inventory;
      return;
    case 'write-parent':
      world.inventory = { ...world.inventory, parentScope: step.scope, parentVersion: step.version };
      return;
    case 'apply':
      performApply(world, step);
      return;
    case 'delete':
      world.live.delete(step.key);
      return;
    case 'release': {
      const object = world.live.get(step.key);
      if (object !== undefined)
        world.live.set(step.key, { ...object, assignment: undefined, partOf: undefined });
      return;
    }
    case 'compare':
      learn(world, 'foundEqual', step.object);
      return;
    case 'dry-run':
      learn(world, 'dryRunPassed', step.object);
      return;
    case 'prove-create':
      learn(world, 'provenCreatable', step.object);
      return;
    case 'ensure-namespace':
      world.seen.add(`Namespace//${step.name}`);
      world.live.set(
        `Namespace//${step.name}`,
        liveOf(refTo('Namespace', step.name), { assignment: undefined, partOf: undefined }),
      );
      return;
    case 'forget-assignment':
      world.inventory = emptyInventory;
      world.persisted = emptyInventory;
      return;
    case 'prove-gone':
      world.attempts = {
        ...world.attempts,
        rediscoveredAtMs: 0,
        gone: new Map(step.kinds.map((kind) => [kind, world.goneKinds.has(kind)])),
      };
      return;
    case 'rediscover':
      world.attempts = { ...world.attempts, rediscoveredAtMs: 0 };
  }
}

function learn(
  world: PlanWorld,
  what: 'foundEqual' | 'dryRunPassed' | 'provenCreatable',
  object: DesiredObject,
): void {
  const known = new Set([...world.attempts[what], attemptKey(object)]);
  world.attempts = { ...world.attempts, [what]: known };
}

function performApply(world: PlanWorld, step: Extract<Step, { kind: 'apply' }>): void {
  const { object } = step;
  const before = world.live.get(object.key);
  const live = liveOf(object.ref, {
    ...before,
    assignment: placement,
    partOf: setId,
    owner,
    ownedFields: `own-${object.hash}`,
  });
  world.live.set(object.key, live);
  world.seen.add(object.key);
  const failures = new Map(world.attempts.failures);
  failures.delete(attemptKey(object));
  world.attempts = { ...world.attempts, failures };
  const entry = {
    ref: object.ref,
    uid: live.uid,
    renderedHash: object.hash,
    ownedFields: live.ownedFields,
    phase: 'applied' as const,
    note: '',
    leftToOthers: object.leftToOthers,
    isFinished: false,
  };
  world.inventory = withEntries(world.inventory, [entry]);
}

/** Performs plans until one has no steps; returns that last plan. */
export function settle(world: PlanWorld, goal: Goal, policy: PlanPolicy = policyOf()) {
  for (let round = 0; round < 40; round += 1) {
    const plan = planNext(inputOf(world, goal, policy));
    if (plan.steps.length === 0) return plan;
    for (const step of plan.steps) perform(world, step);
  }
  throw new Error('did not settle in 40 rounds');
}

export function kindsOf(world: PlanWorld): readonly StepKind[] {
  return world.done.map((step) => step.kind);
}

/** A world in which the objects are applied and settled, with an empty log. */
export function settled(...objects: ReturnType<typeof desire>[]): PlanWorld {
  const world = emptyWorld();
  settle(world, contentGoal(objects));
  world.done.length = 0;
  return world;
}

export function fail(
  world: PlanWorld,
  object: { key: string; hash: string },
  ...[severity, code = 'Refused']: readonly [severity: Failure['severity'], code?: string]
): void {
  const failure: Failure = {
    severity,
    reason: { code, text: 'refused', subject: object.key },
    retryAfterMs: undefined,
  };
  world.attempts = { ...world.attempts, failures: new Map([[attemptKey(object), failure]]) };
}
