import { describe, expect, it } from 'vitest';
import type { DesiredObject } from './goal.ts';
import { planNext } from './plan-next.ts';
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

const hook = (name: string, stage: number, hash = 'h1'): DesiredObject => ({
  ...desire('Job.batch', name, hash),
  stage,
  holdsLater: true,
});
const migrate = hook('migrate', 0.5);
const web = desire('Deployment.apps', 'web');
const notify = hook('notify', 5.5);

/** Performs plans until nothing is left to do; `health` is of the Jobs. */
function go(
  world: PlanWorld,
  objects: readonly DesiredObject[],
  given: { readonly health: 'Current' | 'InProgress' | 'Failed'; readonly mode?: 'bestEffort' | 'atomic' },
) {
  for (let round = 0; round < 40; round += 1) {
    const input = inputOf(world, contentGoal(objects), policyOf({ mode: given.mode ?? 'bestEffort' }));
    const live = [...input.live].map(([key, sight]) => {
      const isJob = sight.kind === 'present' && sight.object.ref.kind === 'Job';
      return [key, isJob ? { ...sight, health: given.health } : sight] as const;
    });
    const plan = planNext({ ...input, live: new Map(live) });
    if (plan.steps.length === 0) return plan;
    for (const step of plan.steps) perform(world, step);
  }
  throw new Error('the plan never ends');
}

const applied = (world: PlanWorld) =>
  world.done.flatMap((step) => (step.kind === 'apply' ? [step.object.ref.name] : []));

describe.each(['bestEffort', 'atomic'] as const)('hooks of a set that is applied %s', (mode) => {
  const objects = [notify, web, migrate];

  it('run to their end before what comes after them is applied', () => {
    const world = emptyWorld();
    const waiting = go(world, objects, { health: 'InProgress', mode });
    expect(applied(world)).toEqual(['migrate']);
    expect(waiting).toMatchObject({ isApplied: false, settled: false });
    expect(waiting.blocked).toContainEqual(
      expect.objectContaining({ code: 'WaitingForHook', isFinal: false, ref: web.ref }),
    );
    expect(waiting.blocked[0]?.text).toContain('waits until hook Job');

    const done = go(world, objects, { health: 'Current', mode });
    expect(applied(world)).toEqual(['migrate', 'web', 'notify']);
    expect(done).toMatchObject({ isApplied: true, settled: true, blocked: [] });
  });

  it('that fail hold what comes after them, which only a person can change', () => {
    const world = emptyWorld();
    const { blocked } = go(world, objects, { health: 'Failed', mode });
    expect(applied(world)).toEqual(['migrate']);
    expect(blocked).toContainEqual(
      expect.objectContaining({ code: 'HookFailed', isFinal: true, ref: web.ref }),
    );
  });

  it('that are as they were hold nothing, however they ended', () => {
    const world = settled(...objects);
    expect(go(world, objects, { health: 'Failed', mode })).toMatchObject({ settled: true, blocked: [] });
    expect(applied(world)).toEqual([]);
  });

  it('that were cleaned up after their end hold nothing', () => {
    const world = settled(migrate);
    world.live.delete(migrate.key);
    const entry = world.inventory.entries.get(migrate.key);
    if (entry === undefined) throw new Error('it was applied');
    const entries = new Map([[migrate.key, { ...entry, isFinished: true }]]);
    world.inventory = { ...world.inventory, entries };
    world.persisted = world.inventory;
    go(world, [migrate, web], { health: 'InProgress', mode });
    expect(applied(world)).toEqual(['web']);
  });
});

it('a hook that cannot be applied holds what comes after it', () => {
  const world = emptyWorld();
  world.unreadable.add(migrate.key);
  go(world, [web, migrate], { health: 'Current' });
  expect(applied(world)).toEqual([]);
});
