import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LiveObject } from '../inventory/index.ts';
import type { PlanInput } from './goal.ts';
import { type Scenario, scenario } from './plan-scenario-fixture.ts';
import { walk } from './plan-walk-fixture.ts';
import { owner, placement, setId } from './plan-world-fixture.ts';

const often = { numRuns: 500 };

function liveAt(input: PlanInput, key: string): LiveObject | undefined {
  const sight = input.live.get(key);
  return sight?.kind === 'present' ? sight.object : undefined;
}

/** Whose an object is, read off its marks alone. */
function holderOf({ assignment, owner: mark, partOf }: LiveObject): 'ours' | 'another' | 'nobody' {
  if (assignment !== undefined && assignment !== placement) return 'another';
  if (partOf !== undefined && partOf !== setId) return 'another';
  if (mark !== undefined && mark !== owner) return 'another';
  return assignment === undefined ? 'nobody' : 'ours';
}

/** The same where others hold more, and nothing else stands in the way. */
function contested(given: Scenario): Scenario {
  const disputed: readonly string[] = ['orphan', 'unlabelled', 'deleting', 'foreign'];
  const spots = given.spots.map((one) => ({
    ...one,
    failure: undefined,
    deleteFails: false,
    sight: 'seen' as const,
    live: disputed.includes(one.live) ? ('other-assignment' as const) : one.live,
  })) as unknown as Scenario['spots'];
  return { ...given, spots, isSmooth: false, hasUnplaced: false };
}

describe('an object on a cluster', () => {
  it('I19: that another assignment, set or agent holds is not written, unless this one has the better claim or is named to take it over', () => {
    let others = 0;
    fc.assert(
      fc.property(scenario, (given) => {
        walk(contested(given), (step, input) => {
          if (step.kind !== 'apply') return;
          const live = liveAt(input, step.object.key);
          if (live === undefined || holderOf(live) !== 'another') return;
          others += 1;
          expect(live.owner).toBe(owner);
          const claim = input.policy.claims.get(step.object.key);
          const isWon = claim?.winner === placement && claim.rivals.includes(live.assignment ?? '');
          expect(isWon || (claim === undefined && input.policy.takeOverFrom === live.assignment)).toBe(true);
        });
      }),
      often,
    );
    expect(others).toBeGreaterThan(5);
  });

  it('I19: that is not held by this assignment is neither deleted nor released by it', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        walk(given, (step, input) => {
          if (step.kind !== 'delete' && step.kind !== 'release') return;
          const live = liveAt(input, step.key);
          expect(live === undefined ? 'gone' : holderOf(live)).toBe('ours');
        });
      }),
      often,
    );
  });

  it('I19: that another assignment wants is released and never deleted, so that it lives on under its new owner', () => {
    let released = 0;
    fc.assert(
      fc.property(scenario, (given) => {
        const { world } = walk(given, (step, input) => {
          const isWanted = 'key' in step && input.policy.wantedElsewhere.has(step.key);
          if (!isWanted) return;
          if (step.kind === 'release') released += 1;
          if (step.kind === 'delete') expect(step.cause.kind).toBe('replace');
        });
        for (const step of world.done)
          if (step.kind === 'release') expect(world.live.has(step.key)).toBe(true);
      }),
      often,
    );
    expect(released).toBeGreaterThan(5);
  });
});
