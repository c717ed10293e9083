import { describe, expect, it } from 'vitest';
import type { Failure } from './attempts.ts';
import { planNext } from './plan-next.ts';
import {
  contentGoal,
  desire,
  emptyWorld,
  fail,
  inputOf,
  kindsOf,
  policyOf,
  settle,
  settled,
} from './plan-world-fixture.ts';

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

  it('makes that namespace again when it went with everything in it', () => {
    const world = emptyWorld();
    const goal = { ...contentGoal([desire('ConfigMap', 'a')]), ensureNamespace: 'shop' };
    settle(world, goal);
    world.live.clear();
    world.done.length = 0;
    settle(world, goal);
    expect(kindsOf(world).slice(0, 2)).toEqual(['ensure-namespace', 'apply']);
  });

  it('does not ask about that namespace to change what is in it', () => {
    const world = emptyWorld();
    const goalOf = (hash: string) => ({
      ...contentGoal([{ ...desire('ConfigMap', 'a'), hash }]),
      ensureNamespace: 'shop',
    });
    settle(world, goalOf('one'));
    world.live.delete('Namespace//shop');
    world.done.length = 0;
    settle(world, goalOf('two'));
    expect(kindsOf(world)).toContain('apply');
    expect(kindsOf(world)).not.toContain('read-objects');
  });

  it('asks discovery again for a kind that is not served, and waits without failing the rest', () => {
    const world = emptyWorld();
    const unplaced = {
      kind: { group: 'example.org', version: 'v1', kind: 'Widget' },
      name: 'w',
      isDefinedHere: false,
      isUnreadable: false,
      servedVersion: undefined,
    };
    const plan = settle(world, { ...contentGoal([desire('ConfigMap', 'a')]), unplaced: [unplaced] });
    expect(kindsOf(world).filter((kind) => kind === 'rediscover')).toHaveLength(1);
    expect(plan).toMatchObject({
      appliedObjects: 1,
      isApplied: false,
      blocked: [{ code: 'KindNotServed', isFinal: false }],
    });
  });

  it('says which version a kind is served at when the set asks for another', () => {
    const world = emptyWorld();
    const unplaced = {
      kind: { group: 'policy', version: 'v1beta1', kind: 'PodDisruptionBudget' },
      name: 'web',
      isDefinedHere: false,
      isUnreadable: false,
      servedVersion: 'v1',
    };
    const plan = settle(world, { ...contentGoal([desire('ConfigMap', 'a')]), unplaced: [unplaced] });
    expect(plan.blocked).toMatchObject([{ code: 'VersionNotServed', isFinal: true }]);
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
      servedVersion: undefined,
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
