import { describe, expect, it } from 'vitest';
import { planNext } from './plan-next.ts';
import {
  contentGoal,
  desire,
  emptyWorld,
  fail,
  inputOf,
  kindsOf,
  policyOf,
  refTo,
  settle,
  settled,
} from './plan-world-fixture.ts';

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
    const permittedPrune = plan.heldPrune!.listHash;
    expect(settle(world, { kind: 'removal', mode: 'prune' }, policyOf({ permittedPrune })).settled).toBe(
      true,
    );
    expect(world.live.size).toBe(0);
  });

  it('only takes the labels off when it orphans', () => {
    const world = settled(desire('Namespace', 'shop'), desire('ConfigMap', 'a'));
    const plan = settle(world, { kind: 'removal', mode: 'orphan' });
    expect(plan.settled).toBe(true);
    expect(world.live.size).toBe(2);
    expect([...world.live.values()].every((one) => one.assignment === undefined)).toBe(true);
  });

  it('waits with what another assignment may take over, and with nothing else', () => {
    const [a, b] = [desire('ConfigMap', 'a'), desire('ConfigMap', 'b')];
    const world = settled(a, b);
    const pending = { code: 'WaitingForTakeOver', text: 'shop-2 takes over', subject: 'shop-2' };
    const policy = policyOf({ handOverPending: new Map([[a.key, pending]]) });
    const plan = settle(world, { kind: 'removal', mode: 'prune' }, policy);
    expect(plan).toMatchObject({
      settled: false,
      pruning: 1,
      recheckAfterMs: 1_000,
      blocked: [{ code: 'WaitingForTakeOver', ref: { name: 'a' } }],
    });
    expect([...world.live.keys()]).toEqual([a.key]);
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
