import { describe, expect, it } from 'vitest';
import type { Claim, PlanPolicy } from './goal.ts';
import { planNext } from './plan-next.ts';
import {
  contentGoal,
  desire,
  emptyWorld,
  fail,
  inputOf,
  kindsOf,
  liveOf,
  policyOf,
  settle,
  settled,
} from './plan-world-fixture.ts';

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

  it.each([
    ['ifNoDiff', false],
    ['always', true],
  ] as const)('goes on with one that its own apply was on: %s', (takeOver, force) => {
    const world = worldWith({ assignment: undefined, partOf: undefined });
    settle(world, contentGoal([object]), policyOf({ takeOver }));
    expect(world.done).toContainEqual(expect.objectContaining({ kind: 'apply', force, reason: 'take-over' }));
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
    ['OwnedByAgent', { owner: 'other-hub/other-cluster' }],
    ['OwnedByController', { ...foreign, controller: 'Deployment web' }],
  ])('refuses with %s', (code, change) => {
    const world = worldWith(change);
    const plan = settle(world, contentGoal([object]), policyOf({ takeOver: 'always' }));
    expect(plan.blocked).toMatchObject([{ code, isFinal: true }]);
  });

  const claimed = (winner: string, why = '') => {
    const claim = { winner, rivals: ['other'], why } as unknown as Claim;
    return policyOf({ claims: new Map([[object.key, claim]]) });
  };
  const others = { assignment: 'other', partOf: 'applyset-other-v1' };

  it('takes what another held assignment has, when its own claim is the better one', () => {
    const world = worldWith(others);
    settle(world, contentGoal([object]), claimed('shop'));
    expect(world.done).toContainEqual(
      expect.objectContaining({ kind: 'apply', force: true, reason: 'take-over' }),
    );
  });

  it.each([
    ['has', others, 'ConfigMap shop/a belongs to assignment other, which is older: take it out'],
    ['wants', foreign, 'ConfigMap shop/a is wanted by assignment other, which is older: take it out'],
  ])('leaves alone what another one with the better claim %s', (_what, change, text) => {
    const world = worldWith(change);
    const plan = settle(world, contentGoal([object]), claimed('other', 'which is older'));
    expect(plan.blocked).toMatchObject([
      { code: 'OwnedByAssignment', isFinal: true, ownedBy: 'other', text: expect.stringContaining(text) },
    ]);
    expect(kindsOf(world)).not.toContain('apply');
  });

  it('never takes what an agent of another hub marked, whatever assignment it names', () => {
    const world = worldWith({ ...others, owner: 'other-hub/other-cluster' });
    const plan = settle(world, contentGoal([object]), {
      ...claimed('shop'),
      takeOverFrom: 'other' as PlanPolicy['placement'],
    });
    expect(plan.blocked).toMatchObject([{ code: 'OwnedByAgent', isFinal: true }]);
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
