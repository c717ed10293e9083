import { assert } from '@flotilla/shared/base';
import type { PlacementDecision, RolloutStrategy } from '@flotilla/shared/model';
import fc from 'fast-check';
import { foldBudget } from '../budget/index.ts';
import type { DraftDecision } from './evidence.ts';
import { foldRollout } from './fold.ts';
import { fleet, type Happening, happen, happening } from './happenings-fixture.ts';
import { World } from './rollout-fixture.ts';
import { canaryThenRest } from './samples-fixture.ts';
import type { PlacementRow, Rollout, RolloutState } from './state.ts';

/** Up to sixty happenings. */
export const history = fc.array(happening, { minLength: 1, maxLength: 60, size: 'max' });

/** One decision at the moment at which it was taken: the world has not changed since, but by the decision itself. */
export interface Decided {
  readonly world: World;
  readonly before: RolloutState;
  readonly after: RolloutState;
  readonly payload: PlacementDecision;
  readonly draft: DraftDecision;
  /** How many clusters of the fleet were changing before the decision, and how many are after it. */
  readonly changing: { readonly before: number; readonly after: number };
}

/** What a law says about every decision; throws where it does not hold. */
export type DecisionLaw = (decided: Decided) => void;

/** A fleet of eight to which all this happened; `law` judges every decision when it is taken. */
export function play(
  happenings: readonly Happening[],
  strategy: RolloutStrategy = canaryThenRest(),
  law: DecisionLaw = () => undefined,
): World {
  const world = new World(fleet.slice(0, 8));
  world.strategy = strategy;
  world.push('one');
  for (const one of happenings) {
    happen(world, one);
    for (let round = 0; round < 20 && judgedLook(world, law).length > 0; round += 1);
  }
  return world;
}

/** A look whose every decision is judged against the world as it is at that moment. */
function judgedLook(world: World, law: DecisionLaw): readonly DraftDecision[] {
  let before = world.state;
  let { budget } = world.fleet;
  const events = world.look();
  const appended = world.log.slice(world.log.length - events.length);
  for (const [index, stored] of appended.entries()) {
    const after = foldRollout(before, stored);
    const draft = must(events[index]);
    const changingBefore = budget.changing.size;
    if (draft.tokens !== undefined)
      budget = foldBudget(budget, { seq: budget.lastSeq + 1, payload: draft.tokens });
    const changing = { before: changingBefore, after: budget.changing.size };
    law({ world, before, after, payload: stored.event.payload, draft, changing });
    before = after;
  }
  return events;
}

/** Plays histories, each under one of the strategies, and holds every decision to a law. */
export function holdsAlways(law: DecisionLaw, numRuns = 200): void {
  fc.assert(
    fc.property(history, fc.constantFrom(...strategies), (happenings, strategy) => {
      play(happenings, strategy, law);
    }),
    { numRuns },
  );
}

const half = { kind: 'percent', percent: 50 } as const;
/** A canary, then growing waves of which one failure in three is allowed. */
export const growingWaves: RolloutStrategy = {
  ...canaryThenRest(),
  failure: { max: { kind: 'percent', percent: 34 }, total: half, action: 'halt' },
  stages: canaryThenRest().stages.map((stage, index) =>
    index === 0 ? stage : { ...stage, waves: { start: { kind: 'count', count: 1 }, growth: 2, max: half } },
  ),
};
const every = { kind: 'percent', percent: 100 } as const;
/** The same where no number of failures halts: what passes a wave is its successes alone. */
const patientWaves: RolloutStrategy = {
  ...growingWaves,
  failure: { max: every, total: every, action: 'halt' },
  stages: growingWaves.stages.map((stage) => ({ ...stage, failure: undefined })),
};
/** The same where only the failures of all waves together halt. */
export const fewInTotal: RolloutStrategy = {
  ...patientWaves,
  failure: { max: every, total: { kind: 'percent', percent: 25 }, action: 'halt' },
};
const strategies: readonly RolloutStrategy[] = [canaryThenRest(), growingWaves, patientWaves];

/** The rollout of an id that has not ended. */
export function rolloutOf(state: RolloutState, id: string): Rollout {
  return must([state.active, state.withdraw].find((one) => one?.id === id));
}

/** Rows that a decision made, by cluster. */
export function newRows({ before, after }: Pick<Decided, 'before' | 'after'>) {
  return [...after.rows].filter(([uid, row]) => before.rows.get(uid) !== row);
}

/** Whether what the world asks for now still wants of a cluster what a rollout wants. */
export function isStillWanted({ desired }: World, uid: string, rollout: Rollout): boolean {
  if (desired.kind === 'unresolved') return true;
  const isMatched = desired.kind === 'release' && [...desired.targets.keys()].some((one) => one === uid);
  return rollout.plan.rolloutKind === 'withdraw' ? !isMatched : isMatched;
}

/** Whether the log says that what a rollout brings is new and urgent: by its commit, or because a person said so. */
export function isSaidUrgent({ before, world }: Pick<Decided, 'before' | 'world'>, id: string): boolean {
  const { release, stable } = rolloutOf(before, id).plan;
  if (release === undefined || release.digest === stable?.digest) return false;
  const { urgent } = release.commit;
  const isByPerson = world.log.some(
    ({ event: { payload }, seq }) =>
      seq <= before.lastSeq && payload.kind === 'release-urgent' && payload.release === release.digest,
  );
  return urgent === 'all' || urgent?.includes('shop') === true || isByPerson;
}

/** How long a row asks its cluster to stay healthy. */
export function soakOf({ target }: PlacementRow): number {
  return target.kind === 'variant' ? target.variant.health.soakMs : 0;
}

/** What the machine promises to be there. */
export function must<Value>(value: Value | undefined): Value {
  assert(value !== undefined, 'a decision speaks of what is there');
  return value;
}
