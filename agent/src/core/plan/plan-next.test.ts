import { describe, expect, it } from 'vitest';
import { attemptKey, type Failure } from './attempts.ts';
import type { Goal, PlanPolicy } from './goal.ts';
import { planNext } from './plan-next.ts';
import {
  contentGoal,
  desire,
  emptyWorld,
  inputOf,
  liveOf,
  type PlanWorld,
  perform,
  policyOf,
  refTo,
} from './plan-world.testing.ts';
import type { StepKind } from './step.ts';

/** Performs plans until one has no steps; returns that last plan. */
function settle(world: PlanWorld, goal: Goal, policy: PlanPolicy = policyOf()) {
  for (let round = 0; round < 40; round += 1) {
    const plan = planNext(inputOf(world, goal, policy));
    if (plan.steps.length === 0) return plan;
    for (const step of plan.steps) perform(world, step);
  }
  throw new Error('did not settle in 40 rounds');
}

function kindsOf(world: PlanWorld): readonly StepKind[] {
  return world.done.map((step) => step.kind);
}

/** A world in which the objects are applied and settled, with an empty log. */
function settled(...objects: ReturnType<typeof desire>[]): PlanWorld {
  const world = emptyWorld();
  settle(world, contentGoal(objects));
  world.done.length = 0;
  return world;
}

function fail(world: PlanWorld, object: { key: string; hash: string }, severity: Failure['severity']): void {
  const failure: Failure = {
    severity,
    reason: { code: 'Refused', text: 'refused', subject: object.key },
    retryAfterMs: undefined,
  };
  world.attempts = { ...world.attempts, failures: new Map([[attemptKey(object), failure]]) };
}

describe('applying', () => {
  it('reads, writes the intent and the superset, applies by stage, and writes the end', () => {
    const world = emptyWorld();
    const goal = contentGoal([
      desire('Deployment.apps', 'web'),
      desire('Namespace', 'shop'),
      desire('ConfigMap', 'settings'),
    ]);

    const plan = settle(world, goal);

    expect(plan).toMatchObject({ settled: true, isApplied: true, appliedObjects: 3, blocked: [] });
    expect(kindsOf(world)).toEqual([
      'read-objects',
      'write-journal',
      'write-parent',
      'apply',
      'apply',
      'apply',
      'write-journal',
    ]);
    const applied = world.done.flatMap((step) => (step.kind === 'apply' ? [step.object.ref.kind] : []));
    expect(applied).toEqual(['Namespace', 'ConfigMap', 'Deployment']);
    expect(world.inventory.parentScope).toEqual({
      groupKinds: ['ConfigMap', 'Deployment.apps', 'Namespace'],
      namespaces: ['shop'],
    });
  });

  it('does nothing at all when nothing changed', () => {
    const objects = [desire('ConfigMap', 'a'), desire('Service', 'b')];
    const world = settled(...objects);
    expect(planNext(inputOf(world, contentGoal(objects)))).toMatchObject({ steps: [], settled: true });
  });

  it('writes only the object that changed', () => {
    const world = settled(desire('ConfigMap', 'a'), desire('ConfigMap', 'b'));
    settle(world, contentGoal([desire('ConfigMap', 'a'), desire('ConfigMap', 'b', 'h2')]));
    expect(world.done).toMatchObject([
      { kind: 'apply', object: { ref: { name: 'b' } }, force: true, reason: 'changed' },
      { kind: 'write-journal' },
    ]);
  });

  it('goes on with later stages when an object of an earlier one cannot be applied', () => {
    const world = emptyWorld();
    const broken = desire('ConfigMap', 'broken');
    fail(world, broken, 'final');
    const plan = settle(world, contentGoal([broken, desire('Deployment.apps', 'web')]));
    expect(plan).toMatchObject({ settled: false, isApplied: false, appliedObjects: 1 });
    expect(plan.blocked).toMatchObject([{ code: 'Refused', isFinal: true }]);
  });

  it('holds back what lies in a namespace of the set that cannot be made', () => {
    const world = emptyWorld();
    const namespace = desire('Namespace', 'shop');
    fail(world, namespace, 'final');
    const plan = settle(world, contentGoal([namespace, desire('ConfigMap', 'a')]));
    expect(kindsOf(world)).not.toContain('apply');
    expect(plan.blocked.map((one) => one.code)).toEqual(['Refused', 'WaitingForNamespace']);
  });

  it('makes a namespace that it does not own, once', () => {
    const world = emptyWorld();
    const goal = { ...contentGoal([desire('ConfigMap', 'a')]), ensureNamespace: 'shop' };
    settle(world, goal);
    expect(kindsOf(world).filter((kind) => kind === 'ensure-namespace')).toHaveLength(1);
    expect(world.inventory.entries.has('Namespace//shop')).toBe(false);
  });

  it('asks discovery again for a kind that is not served, and waits without failing the rest', () => {
    const world = emptyWorld();
    const unplaced = {
      kind: { group: 'example.org', version: 'v1', kind: 'Widget' },
      name: 'w',
      isDefinedHere: false,
      isUnreadable: false,
    };
    const plan = settle(world, { ...contentGoal([desire('ConfigMap', 'a')]), unplaced: [unplaced] });
    expect(kindsOf(world).filter((kind) => kind === 'rediscover')).toHaveLength(1);
    expect(plan).toMatchObject({
      appliedObjects: 1,
      isApplied: false,
      blocked: [{ code: 'KindNotServed', isFinal: false }],
    });
  });

  it('asks discovery for a kind of the set only when its definition is established', () => {
    const world = emptyWorld();
    const definition = {
      ...desire('CustomResourceDefinition.apiextensions.k8s.io', 'widgets'),
      definesKind: { group: 'example.org', kind: 'Widget' },
    };
    const unplaced = {
      kind: { group: 'example.org', version: 'v1', kind: 'Widget' },
      name: 'w',
      isDefinedHere: true,
      isUnreadable: false,
    };
    const plan = settle(world, { ...contentGoal([definition]), unplaced: [unplaced] });
    expect(kindsOf(world).indexOf('rediscover')).toBeGreaterThan(kindsOf(world).indexOf('apply'));
    expect(plan).toMatchObject({
      settled: false,
      recheckAfterMs: 1_000,
      blocked: [{ code: 'WaitingForDefinition' }],
    });
  });

  it('stops everything while something general fails', () => {
    const world = emptyWorld();
    const general: Failure = {
      severity: 'passing',
      reason: { code: 'StoreFailed', text: 'disk full', subject: 'store' },
      retryAfterMs: undefined,
    };
    world.attempts = { ...world.attempts, general };
    const plan = planNext(inputOf(world, contentGoal([desire('ConfigMap', 'a')])));
    expect(plan).toMatchObject({ steps: [], settled: false, blocked: [{ code: 'StoreFailed' }] });
  });
});

describe('atomic', () => {
  const policy = policyOf({ mode: 'atomic' });

  it('validates everything before the first write, namespaces and definitions apart', () => {
    const world = emptyWorld();
    settle(
      world,
      contentGoal([desire('Namespace', 'shop'), desire('ConfigMap', 'a'), desire('Deployment.apps', 'b')]),
      policy,
    );
    expect(kindsOf(world)).toEqual([
      ...['read-objects', 'write-journal', 'write-parent', 'apply', 'dry-run', 'dry-run', 'apply', 'apply'],
      'write-journal',
    ]);
  });

  it('writes nothing while one object is refused, and names all that are', () => {
    const world = emptyWorld();
    const [one, other] = [desire('ConfigMap', 'a'), desire('ConfigMap', 'b')];
    fail(world, one, 'final');
    const plan = settle(world, contentGoal([one, other]), policy);
    expect(kindsOf(world)).not.toContain('apply');
    expect(plan.blocked).toMatchObject([{ code: 'Refused' }]);
  });
});

describe('taking over', () => {
  const object = desire('ConfigMap', 'a');
  const foreign = { assignment: undefined, partOf: undefined, ownedFields: undefined };
  const worldWith = (change: Parameters<typeof liveOf>[1]) => {
    const world = emptyWorld();
    world.live.set(object.key, liveOf(object.ref, change));
    return world;
  };

  it('compares before it takes a foreign object, by default', () => {
    const world = worldWith(foreign);
    settle(world, contentGoal([object]));
    expect(kindsOf(world)).toContain('compare');
    expect(world.done).toContainEqual(
      expect.objectContaining({ kind: 'apply', force: true, reason: 'take-over' }),
    );
  });

  it('never takes one when the policy says never', () => {
    const world = worldWith(foreign);
    const plan = settle(world, contentGoal([object]), policyOf({ takeOver: 'never' }));
    expect(plan.blocked).toMatchObject([{ code: 'AlreadyExists', isFinal: true }]);
    expect(kindsOf(world)).not.toContain('apply');
  });

  it.each([
    ['OwnedByAssignment', { assignment: 'other' }],
    ['OwnedByApplySet', { assignment: undefined, partOf: 'applyset-x-v1' }],
    ['OwnedByController', { ...foreign, controller: 'Deployment web' }],
  ])('refuses with %s', (code, change) => {
    const world = worldWith(change);
    const plan = settle(world, contentGoal([object]), policyOf({ takeOver: 'always' }));
    expect(plan.blocked).toMatchObject([{ code, isFinal: true }]);
  });

  it('takes objects of the assignment it replaces', () => {
    const world = worldWith({ assignment: 'old-shop', partOf: 'applyset-old-v1' });
    settle(world, contentGoal([object]), policyOf({ takeOverFrom: 'old-shop' as PlanPolicy['placement'] }));
    expect(world.done).toContainEqual(
      expect.objectContaining({ kind: 'apply', force: true, reason: 'take-over' }),
    );
  });
});

describe('drift', () => {
  const object = desire('ConfigMap', 'a');

  it('corrects a foreign change with one apply and nothing else', () => {
    const world = settled(object);
    const live = world.live.get(object.key)!;
    world.live.set(object.key, { ...live, ownedFields: 'less' });
    const plan = planNext(inputOf(world, contentGoal([object])));
    expect(plan.steps).toMatchObject([{ kind: 'apply', force: true, reason: 'drift' }]);
  });

  it('makes a deleted object again', () => {
    const world = settled(object);
    world.live.delete(object.key);
    const plan = planNext(inputOf(world, contentGoal([object])));
    expect(plan.steps).toMatchObject([{ kind: 'apply', force: false, reason: 'drift' }]);
  });

  it('puts removed labels back', () => {
    const world = settled(object);
    world.live.set(object.key, { ...world.live.get(object.key)!, assignment: undefined, partOf: undefined });
    expect(planNext(inputOf(world, contentGoal([object]))).steps).toMatchObject([{ reason: 'drift' }]);
  });

  it('only reports when told so, and while another manager fights', () => {
    const world = settled(object);
    world.live.delete(object.key);
    const fights = new Map([[object.key, { code: 'Fight', text: '', subject: '' }]]);
    for (const policy of [policyOf({ drift: 'report' }), policyOf({ fights })]) {
      const plan = planNext(inputOf(world, contentGoal([object]), policy));
      expect(plan).toMatchObject({ steps: [], settled: true, drifted: [{ kind: 'missing' }] });
    }
  });

  it('does not run a finished Job again that its TTL removed', () => {
    const job = desire('Job.batch', 'migrate');
    const world = settled(job);
    const entry = world.inventory.entries.get(job.key)!;
    world.inventory = { ...world.inventory, entries: new Map([[job.key, { ...entry, isFinished: true }]]) };
    world.persisted = world.inventory;
    world.live.delete(job.key);
    expect(planNext(inputOf(world, contentGoal([job])))).toMatchObject({ steps: [], settled: true });
    const changed = planNext(inputOf(world, contentGoal([{ ...job, hash: 'h2' }])));
    expect(changed.steps).toContainEqual(expect.objectContaining({ kind: 'apply', force: false }));
  });
});

describe('replacing a Job', () => {
  it('proves that a fresh one is accepted, deletes the old one, and applies the new one', () => {
    const world = settled(desire('Job.batch', 'migrate'));
    const changed = desire('Job.batch', 'migrate', 'h2');
    fail(world, changed, 'immutable');
    settle(world, contentGoal([changed]));
    expect(kindsOf(world)).toEqual(['prove-create', 'delete', 'apply', 'write-journal']);
    expect(world.done[1]).toMatchObject({ cause: { kind: 'replace', hash: 'h2' } });
  });

  it('never deletes another kind for it', () => {
    const world = settled(desire('Deployment.apps', 'web'));
    const changed = desire('Deployment.apps', 'web', 'h2');
    fail(world, changed, 'immutable');
    const plan = settle(world, contentGoal([changed]));
    expect(plan.blocked).toMatchObject([{ isFinal: true }]);
    expect(kindsOf(world)).not.toContain('delete');
  });
});

describe('pruning', () => {
  const many = Array.from({ length: 12 }, (_, index) => desire('ConfigMap', `c${index}`));

  it('marks in the journal, deletes backwards, narrows the parent, and writes the end', () => {
    const keep = desire('ConfigMap', 'keep');
    const world = settled(keep, desire('Deployment.apps', 'web'), desire('Secret', 'key'));
    const plan = settle(world, contentGoal([keep]));
    expect(plan.settled).toBe(true);
    expect(kindsOf(world)).toEqual(['write-journal', 'delete', 'delete', 'write-parent', 'write-journal']);
    const deleted = world.done.flatMap((step) => (step.kind === 'delete' ? [step.ref.kind] : []));
    expect(deleted).toEqual(['Deployment', 'Secret']);
    expect(world.inventory.parentScope?.groupKinds).toEqual(['ConfigMap']);
  });

  it('holds more than the budgets allow, goes on with exactly the permitted list, and finishes it', () => {
    const [first] = many;
    const world = settled(...many);
    const held = settle(world, contentGoal([first!])).heldPrune;
    expect(held).toMatchObject({ reason: expect.stringContaining('prune.maxPercent') });
    expect(held?.refs).toHaveLength(11);
    expect(kindsOf(world)).not.toContain('delete');

    const plan = settle(world, contentGoal([first!]), policyOf({ permittedPrune: held!.listHash }));
    expect(plan).toMatchObject({ settled: true, heldPrune: undefined });
    expect(world.live.size).toBe(1);
  });

  it('does not take a permission for another list', () => {
    const world = settled(...many);
    const held = settle(world, contentGoal(many.slice(0, 1))).heldPrune;
    settle(world, contentGoal(many.slice(0, 2)), policyOf({ permittedPrune: held!.listHash }));
    expect(kindsOf(world)).not.toContain('delete');
  });

  it('holds protected kinds and deletes the others', () => {
    const keep = desire('ConfigMap', 'keep');
    const world = settled(keep, desire('Namespace', 'shop'), desire('Secret', 'key'));
    const plan = settle(world, contentGoal([keep]));
    expect(plan.heldPrune?.refs).toMatchObject([{ kind: 'Namespace' }]);
    expect(world.done.filter((step) => step.kind === 'delete')).toMatchObject([{ ref: { kind: 'Secret' } }]);
    expect(plan.settled).toBe(true);
  });

  it('waits until everything wanted is applied', () => {
    const world = settled(desire('ConfigMap', 'a'), desire('ConfigMap', 'b'));
    const next = desire('ConfigMap', 'c');
    fail(world, next, 'passing');
    settle(world, contentGoal([next]));
    expect(kindsOf(world)).not.toContain('delete');
  });

  it('keeps what the annotation protects, by releasing it', () => {
    const keep = desire('ConfigMap', 'keep');
    const world = settled(keep, desire('ConfigMap', 'precious'));
    const key = 'ConfigMap/shop/precious';
    world.live.set(key, { ...world.live.get(key)!, isKept: true });
    const plan = settle(world, contentGoal([keep]));
    expect(plan.settled).toBe(true);
    expect(world.live.get(key)).toMatchObject({ assignment: undefined });
  });

  it('releases what another assignment wants instead of deleting it', () => {
    const keep = desire('ConfigMap', 'keep');
    const world = settled(keep, desire('ConfigMap', 'moved'));
    settle(
      world,
      contentGoal([keep]),
      policyOf({ wantedElsewhere: new Map([['ConfigMap/shop/moved', 'other']]) }),
    );
    expect(kindsOf(world)).toContain('release');
    expect(kindsOf(world)).not.toContain('delete');
  });

  it('never deletes what is not labelled and applied by us', () => {
    const keep = desire('ConfigMap', 'keep');
    for (const change of [
      { assignment: 'other' },
      { ownedFields: undefined },
      { partOf: 'x' },
      { uid: 'another' },
    ]) {
      const world = settled(keep, desire('ConfigMap', 'b'));
      const key = 'ConfigMap/shop/b';
      world.live.set(key, { ...world.live.get(key)!, ...change });
      const plan = settle(world, contentGoal([keep]));
      expect(kindsOf(world)).not.toContain('delete');
      expect(plan.settled).toBe(true);
    }
  });

  it('leaves everything when the placement turns pruning off', () => {
    const world = settled(desire('ConfigMap', 'a'), desire('ConfigMap', 'b'));
    const policy = policyOf({ prune: { enabled: false, maxObjects: 20, maxPercent: 100 } });
    const plan = settle(world, contentGoal([desire('ConfigMap', 'a')]), policy);
    expect(plan.settled).toBe(true);
    expect(world.inventory.entries.size).toBe(2);
    expect(world.live.size).toBe(2);
  });
});

describe('removal', () => {
  it('deletes everything but protected kinds, whatever the budgets, and forgets the assignment', () => {
    const objects = Array.from({ length: 30 }, (_, index) => desire('ConfigMap', `c${index}`));
    const world = settled(...objects);
    const plan = settle(world, { kind: 'removal', mode: 'prune' });
    expect(plan.settled).toBe(true);
    expect(world.live.size).toBe(0);
    expect(kindsOf(world).at(-1)).toBe('forget-assignment');
  });

  it('stays with what is protected, and says so', () => {
    const world = settled(desire('Namespace', 'shop'), desire('ConfigMap', 'a'));
    const plan = settle(world, { kind: 'removal', mode: 'prune' });
    expect(plan).toMatchObject({ settled: false, heldPrune: { refs: [{ kind: 'Namespace' }] } });
    expect([...world.live.keys()]).toEqual(['Namespace//shop']);
    expect(kindsOf(world)).not.toContain('forget-assignment');
  });

  it('only takes the labels off when it orphans', () => {
    const world = settled(desire('Namespace', 'shop'), desire('ConfigMap', 'a'));
    const plan = settle(world, { kind: 'removal', mode: 'orphan' });
    expect(plan.settled).toBe(true);
    expect(world.live.size).toBe(2);
    expect([...world.live.values()].every((one) => one.assignment === undefined)).toBe(true);
  });

  it('waits for the assignment that takes over', () => {
    const world = settled(desire('ConfigMap', 'a'));
    const handOverPending = { code: 'WaitingForTakeOver', text: 'shop-2 takes over', subject: 'shop-2' };
    const plan = settle(world, { kind: 'removal', mode: 'prune' }, policyOf({ handOverPending }));
    expect(plan).toMatchObject({ settled: false, blocked: [{ code: 'WaitingForTakeOver' }] });
    expect(kindsOf(world)).not.toContain('delete');
  });

  it('has nothing to do where nothing is owned', () => {
    expect(settle(emptyWorld(), { kind: 'removal', mode: 'prune' }).settled).toBe(true);
  });

  it('does not conclude from an unreadable object that it is gone', () => {
    const world = settled(desire('ConfigMap', 'a'));
    const input = inputOf(world, { kind: 'removal', mode: 'prune' });
    const reason = { code: 'ApiUnavailable', text: 'no answer', subject: 'x' };
    const live = new Map([['ConfigMap/shop/a', { kind: 'unreadable', reason, isFinal: false } as const]]);
    expect(planNext({ ...input, live })).toMatchObject({
      steps: [],
      settled: false,
      blocked: [{ code: 'ApiUnavailable' }],
    });
  });
});

describe('order of kinds', () => {
  it('puts custom resources after workloads and webhooks last', () => {
    const kinds = [
      'ValidatingWebhookConfiguration.admissionregistration.k8s.io',
      'Widget.example.org',
      'Deployment.apps',
      'Secret',
      'ClusterRole.rbac.authorization.k8s.io',
      'Namespace',
    ];
    const staged = kinds.map((kind) => desire(kind, 'x').stage);
    expect(staged).toEqual([5, 4, 3, 2, 1, 0]);
    expect(refTo('Ingress.networking.k8s.io', 'x').group).toBe('networking.k8s.io');
    expect(desire('Ingress.networking.k8s.io', 'x').stage).toBe(3);
  });
});
