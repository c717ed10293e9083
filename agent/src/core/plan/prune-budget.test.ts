import { describe, expect, it } from 'vitest';
import {
  contentGoal,
  desire,
  kindsOf,
  type PlanWorld,
  policyOf,
  settle,
  settled,
} from './plan-world-fixture.ts';

describe('a budget while some leftovers cannot be read', () => {
  const keep = desire('ConfigMap', 'keep');
  const maps = Array.from({ length: 15 }, (_, index) => desire('ConfigMap', `c${index}`));
  const secrets = Array.from({ length: 15 }, (_, index) => desire('Secret', `s${index}`));
  const policy = (maxObjects: number) => policyOf({ prune: { enabled: true, maxObjects, maxPercent: 100 } });
  const deletesIn = (world: PlanWorld) => kindsOf(world).filter((kind) => kind === 'delete').length;

  function half(...known: ReturnType<typeof desire>[]): PlanWorld {
    const world = settled(keep, ...known);
    for (const { key, ref } of known) if (ref.kind === 'Secret') world.unreadable.add(key);
    return world;
  }

  it('counts them, says so, and asks for the same list when they can be read', () => {
    const world = half(...maps, ...secrets);
    const held = settle(world, contentGoal([keep]), policy(20)).heldPrune;
    expect(held?.refs).toHaveLength(30);
    expect(held?.reason).toContain('30 objects (15 of them cannot be read now)');

    world.unreadable.clear();
    const later = settle(world, contentGoal([keep]), policy(20)).heldPrune;
    expect(later).toMatchObject({
      listHash: held?.listHash,
      reason: expect.stringContaining('30 objects would'),
    });
    expect(deletesIn(world)).toBe(0);
  });

  it('counts them for the percentage, too', () => {
    const world = half(...maps.slice(0, 9), ...secrets.slice(0, 3));
    const goal = contentGoal([keep, ...maps.slice(0, 7)]);
    const held = settle(
      world,
      goal,
      policyOf({ prune: { enabled: true, maxObjects: 20, maxPercent: 30 } }),
    ).heldPrune;
    expect(held?.reason).toContain('5 of 13 objects (3 of them cannot be read now)');
    expect(deletesIn(world)).toBe(0);
  });

  it('takes a permission for all of the list: what can be read goes now, the rest later without asking again', () => {
    const world = half(...maps, ...secrets);
    const held = settle(world, contentGoal([keep]), policy(10)).heldPrune;
    const permitted = { ...policy(10), permittedPrune: held?.listHash };

    expect(settle(world, contentGoal([keep]), permitted)).toMatchObject({
      settled: false,
      heldPrune: undefined,
    });
    expect(deletesIn(world)).toBe(15);

    world.unreadable.clear();
    expect(settle(world, contentGoal([keep]), permitted)).toMatchObject({
      settled: true,
      heldPrune: undefined,
    });
    expect(deletesIn(world)).toBe(30);
  });

  it('I18: goes above the bound of the cluster by no permission and no removal', () => {
    const world = half(...maps);
    const deletesLimit = { max: 3, text: 'the cluster allows 3' };
    const own = { ...policy(20), deletesLimit };
    const held = settle(world, contentGoal([keep]), own).heldPrune;
    expect(held).toMatchObject({ reason: `${maps.length} deletes: the cluster allows 3` });
    const permitted = { ...own, permittedPrune: held?.listHash };
    expect(settle(world, contentGoal([keep]), permitted).heldPrune).toEqual(held);
    expect(settle(world, { kind: 'removal', mode: 'prune' }, permitted).heldPrune).toBeDefined();
    expect(deletesIn(world)).toBe(0);

    const wide = { ...permitted, deletesLimit: { ...deletesLimit, max: maps.length } };
    expect(settle(world, contentGoal([keep]), wide).heldPrune).toBeUndefined();
    expect(deletesIn(world)).toBe(maps.length);
  });

  it('lets go what can be read while all of it is within the budget', () => {
    const world = half(...maps.slice(0, 3), ...secrets.slice(0, 5));
    expect(settle(world, contentGoal([keep]), policy(8))).toMatchObject({
      settled: false,
      heldPrune: undefined,
    });
    expect(deletesIn(world)).toBe(3);
    world.unreadable.clear();
    expect(settle(world, contentGoal([keep]), policy(8)).settled).toBe(true);
    expect(deletesIn(world)).toBe(8);
  });
});

describe('a budget while others may take over some leftovers', () => {
  const keep = desire('ConfigMap', 'keep');
  const maps = Array.from({ length: 30 }, (_, index) => desire('ConfigMap', `c${index}`));
  const pending = { code: 'WaitingForRender', text: 'who knows', subject: 'heir' };
  const policy = (waiting: readonly (typeof keep)[]) =>
    policyOf({
      prune: { enabled: true, maxObjects: 20, maxPercent: 100 },
      handOverPending: new Map(waiting.map(({ key }) => [key, pending])),
    });

  it('is not judged before it is known how many go: nothing goes, and nobody is asked', () => {
    const world = settled(keep, ...maps);
    const plan = settle(world, contentGoal([keep]), policy(maps.slice(10)));
    expect(plan).toMatchObject({ settled: false, heldPrune: undefined, pruning: 30 });
    expect(kindsOf(world)).not.toContain('delete');

    expect(settle(world, contentGoal([keep]), policy([])).heldPrune?.refs).toHaveLength(30);
    expect(kindsOf(world)).not.toContain('delete');
  });

  it('lets the others go when all together are within it', () => {
    const world = settled(keep, ...maps.slice(0, 20));
    settle(world, contentGoal([keep]), policy(maps.slice(10)));
    expect(kindsOf(world).filter((kind) => kind === 'delete')).toHaveLength(10);
  });
});

describe('leftovers that an assignment may want which nobody could render', () => {
  const [keep, doubtful, free] = ['keep', 'doubtful', 'free'].map((name) => desire('ConfigMap', name)) as [
    ReturnType<typeof desire>,
    ReturnType<typeof desire>,
    ReturnType<typeof desire>,
  ];
  const asked = { handOverDoubted: new Map([[doubtful.key, 'assignment heir may want it']]) };

  const deletes = (world: PlanWorld) => kindsOf(world).filter((kind) => kind === 'delete').length;

  it('wait for a person, the others go, and a permission for exactly that list lets them go', () => {
    const world = settled(keep, doubtful, free);
    const plan = settle(world, contentGoal([keep]), policyOf(asked));
    expect(plan.heldPrune).toMatchObject({ refs: [doubtful.ref], reason: 'assignment heir may want it' });
    expect(deletes(world)).toBe(1);

    const permitted = policyOf({ ...asked, permittedPrune: plan.heldPrune?.listHash });
    expect(settle(world, contentGoal([keep]), permitted)).toMatchObject({
      heldPrune: undefined,
      settled: true,
    });
    expect(deletes(world)).toBe(2);
  });
});
