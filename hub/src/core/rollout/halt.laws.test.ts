import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canaryLabel } from './plan-waves.ts';
import { growingWaves, history, must, play } from './played-history-fixture.ts';
import { names, uidOf } from './samples-fixture.ts';
import { newestWave, stableWorld } from './stable-world-fixture.ts';

const twelve = names(12);

describe('after a halt', () => {
  it('I3: no row of that rollout moves forward until somebody resumes it or another takes over', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const world = play(happenings);
        const halted = new Set<string>();
        for (const { event } of world.log) {
          const { payload } = event;
          if (payload.kind === 'rollout-halted') halted.add(payload.rollout);
          if (payload.kind === 'rollout-resumed') halted.delete(payload.rollout);
          const isStart = payload.kind === 'wave-opened' || payload.kind === 'clusters-started';
          if (isStart) expect(halted).not.toContain(payload.rollout);
          if (payload.kind === 'clusters-admitted' && payload.basis !== 'joined-stable')
            expect(halted).not.toContain(payload.rollout);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('I3: neither who comes back nor who joins gets its release, whatever wave it stands in, until it is resumed', () => {
    let deferred = 0;
    fc.assert(
      fc.property(fc.subarray([...twelve]), fc.integer({ min: 1, max: 3 }), (away, waves) => {
        const world = stableWorld(twelve);
        // Waves pass although some of theirs are away: those come back to a rollout that goes on, or is halted.
        world.strategy = { ...growingWaves, minSamplesPercent: 10 };
        world.push('two');
        world.settle();
        const [canary] = newestWave(world);
        for (const name of away.filter((one) => one !== canary)) world.goOffline(name);
        for (let wave = 0; wave < waves; wave += 1) {
          world.everybodyIsWell();
          world.settle();
        }
        for (const name of world.holding('two')) world.says(name, { state: 'Degraded' });
        world.settle();
        fc.pre(world.state.active?.status.kind === 'halted');
        const held = world.holding('two');
        deferred += [...must(world.state.active).clusters.values()].filter(
          ({ phase }) => phase.kind === 'deferred',
        ).length;
        for (const name of twelve) world.comeBack(name);
        world.register('newcomer', { [canaryLabel]: 'true' });
        world.resolve();
        world.settle();
        expect(world.holding('two')).toEqual(held);
        expect(world.state.rows.get(uidOf('newcomer'))?.target.kind).toBe('variant');
      }),
      { numRuns: 150 },
    );
    expect(deferred).toBeGreaterThan(5);
  });
});
