import { ownershipOf } from '../inventory/index.ts';
import type { Goal, PlanInput } from './goal.ts';
import { planNext } from './plan-next.ts';
import { look, makeWorld, type Scenario } from './plan-scenario-fixture.ts';
import { owner, type PlanWorld, perform, placement, setId } from './plan-world-fixture.ts';
import type { Step } from './step.ts';

/** Sees every step with the input that led to it. */
export type StepLaw = (step: Step, input: PlanInput) => void;

/** Performs plans to the end and hands every step with the input that led to it to the law. */
export function walk(given: Scenario, law: StepLaw): { world: PlanWorld; input: PlanInput } {
  return walkOn(makeWorld(given), law);
}

/** The same in a world that may have been walked before. */
export function walkOn(
  { world, goal, ...context }: ReturnType<typeof makeWorld>,
  law: StepLaw,
): { world: PlanWorld; input: PlanInput } {
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

/** Keys of what a goal wants. */
export function wantedKeys(goal: Goal): Set<string> {
  return new Set(goal.kind === 'content' ? goal.objects.map((object) => object.key) : []);
}

/** Whether a cluster's object was labelled and applied by this assignment. */
export function isMember(input: PlanInput, key: string): boolean {
  const sight = input.live.get(key);
  return sight?.kind === 'present' && ownershipOf(sight.object, { placement, setId, owner }) === 'member';
}

/** The same scenario where nothing stands in the way. */
export function easily(given: Scenario): Scenario {
  const spots = given.spots.map((one) => ({
    ...one,
    failure: undefined,
    deleteFails: false,
    isWantedElsewhere: false,
    claim: 'none' as const,
    sight: 'seen' as const,
    live: ['absent', 'member', 'unlabelled', 'foreign', 'kept'].includes(one.live) ? one.live : 'member',
  })) as unknown as Scenario['spots'];
  return {
    ...given,
    spots,
    hasUnplaced: false,
    removal: undefined,
    policy: { ...given.policy, takeOver: 'ifNoDiff', drift: 'correct' },
  };
}
