import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DesiredObject, planNext } from './index.ts';
import {
  contentGoal,
  desire,
  emptyWorld,
  inputOf,
  type PlanWorld,
  perform,
  policyOf,
  settled,
} from './plan-world-fixture.ts';

const inWave = (wave: number, name: string, kind = 'Deployment.apps'): DesiredObject => ({
  ...desire(kind, name),
  wave,
});
const needing = (object: DesiredObject, ...others: readonly DesiredObject[]): DesiredObject => ({
  ...object,
  needs: others.map((one) => one.key),
});

/** Performs plans until nothing is left to do; `ill` names what is not healthy. */
function go(
  world: PlanWorld,
  objects: readonly DesiredObject[],
  given: { readonly ill?: readonly string[]; readonly mode?: 'bestEffort' | 'atomic' } = {},
) {
  for (let round = 0; round < 60; round += 1) {
    const input = inputOf(world, contentGoal(objects), policyOf({ mode: given.mode ?? 'bestEffort' }));
    const live = [...input.live].map(([key, sight]) => {
      const isIll = sight.kind === 'present' && given.ill?.includes(sight.object.ref.name) === true;
      return [key, isIll ? { ...sight, health: 'InProgress' as const } : sight] as const;
    });
    const plan = planNext({ ...input, live: new Map(live) });
    if (plan.steps.length === 0) return plan;
    for (const step of plan.steps) perform(world, step);
  }
  throw new Error('the plan never ends');
}

const applied = (world: PlanWorld) =>
  world.done.flatMap((step) => (step.kind === 'apply' ? [step.object.ref.name] : []));

describe.each(['bestEffort', 'atomic'] as const)('the order of a set that is applied %s', (mode) => {
  const first = inWave(-1, 'first');
  const plain = desire('ConfigMap', 'plain');
  const last = inWave(2, 'last', 'ConfigMap');

  it('is by wave first: a later one waits until all before it is healthy', () => {
    const world = emptyWorld();
    const waiting = go(world, [last, plain, first], { ill: ['first'], mode });
    expect(applied(world)).toEqual(['first']);
    expect(waiting).toMatchObject({ isApplied: false, settled: false, recheckAfterMs: 1_000 });
    expect(waiting.blocked.map((one) => one.text)).toEqual([
      'ConfigMap shop/last of wave 2 waits until Deployment shop/first of wave -1 is applied and healthy',
      'ConfigMap shop/plain of wave 0 waits until Deployment shop/first of wave -1 is applied and healthy',
    ]);
    expect(go(world, [last, plain, first], { mode })).toMatchObject({ settled: true, blocked: [] });
    expect(applied(world)).toEqual(['first', 'plain', 'last']);
  });

  it('has what depends on another one after it, and nothing else waits', () => {
    const web = needing(desire('ConfigMap', 'web'), desire('Deployment.apps', 'store'));
    const store = desire('Deployment.apps', 'store');
    const world = emptyWorld();
    const { blocked } = go(world, [web, plain, store], { ill: ['store'], mode });
    expect(applied(world)).toEqual(['plain', 'store']);
    expect(blocked).toMatchObject([
      {
        code: 'WaitingForDependency',
        isFinal: false,
        text: 'ConfigMap shop/web waits until Deployment shop/store is applied and healthy',
      },
    ]);
    go(world, [web, plain, store], { mode });
    expect(applied(world)).toEqual(['plain', 'store', 'web']);
  });

  it('does not hold a correction of drift', () => {
    const web = needing(desire('ConfigMap', 'web'), first);
    const world = settled(first, web);
    world.live.set(web.key, { ...world.live.get(web.key)!, ownedFields: 'less' });
    go(world, [first, web], { ill: ['first'], mode });
    expect(applied(world)).toEqual(['web']);
  });
});

describe('an order', () => {
  it('holds what needs an object that cannot be applied, or has no place yet', () => {
    const world = emptyWorld();
    const store = desire('Deployment.apps', 'store');
    world.unreadable.add(store.key);
    const lost = { ...desire('ConfigMap', 'lost'), needs: ['Widget.example.org/shop/a'] };
    const { blocked } = go(world, [needing(desire('ConfigMap', 'web'), store), lost, store]);
    expect(applied(world)).toEqual([]);
    expect(blocked.map((one) => one.code).sort()).toEqual([
      'ApiUnavailable',
      'WaitingForDependency',
      'WaitingForDependency',
    ]);
  });

  it('that waits for an unplaced object of an earlier wave says so', () => {
    const world = emptyWorld();
    const kind = { group: 'example.org', version: 'v1', kind: 'Widget' };
    const unplaced = { kind, name: 'a', isDefinedHere: true, isUnreadable: false, servedVersion: undefined };
    const late = inWave(1, 'late', 'ConfigMap');
    const goal = { ...contentGoal([late]), unplaced: [unplaced] };
    world.seen.add(late.key);
    const plan = planNext(inputOf(world, goal));
    expect(plan.steps).toEqual([]);
    expect(plan.blocked.map((one) => one.text)).toContain(
      'ConfigMap shop/late of wave 1 waits until Widget a of wave 0 is applied and healthy',
    );
  });

  it('never applies an object before all of lower waves, and comes to an end', () => {
    const anObject = fc.record({
      kind: fc.constantFrom('ConfigMap', 'Deployment.apps', 'Widget.example.org'),
      wave: fc.integer({ min: -3, max: 3 }),
    });
    const aMode = fc.constantFrom('bestEffort' as const, 'atomic' as const);
    fc.assert(
      fc.property(fc.array(anObject, { minLength: 1, maxLength: 8 }), aMode, (wishes, mode) => {
        const objects = wishes.map(({ wave, kind }, index) => inWave(wave, `o${index}`, kind));
        const world = emptyWorld();
        expect(go(world, objects, { mode })).toMatchObject({ settled: true });
        const waves = world.done.flatMap((step) => (step.kind === 'apply' ? [step.object.wave ?? 0] : []));
        expect(waves).toEqual([...waves].sort((left, right) => left - right));
        expect(waves).toHaveLength(objects.length);
      }),
    );
  });
});
