import { describe, expect, it } from 'vitest';
import { approvalLifeMs } from './gate.ts';
import { World } from './rollout-fixture.ts';
import { approvedCanary, canaryThenRest, names } from './samples-fixture.ts';
import { five, newestWave, textOf } from './stable-world-fixture.ts';

/** `one` is stable; `two` has passed its canary and stands at the gate. */
function atGate(): World {
  const world = new World(five);
  world.push('one');
  world.run();
  world.strategy = approvedCanary();
  world.push('two');
  world.run();
  return world;
}

describe('a stage that asks for an approval', () => {
  it('lets nothing of the next stage begin before a person agrees', () => {
    const world = atGate();
    expect(world.holding('two')).toHaveLength(1);
    expect(world.last.notes[0]).toMatchObject({
      code: 'NeedsApproval',
      text: 'what comes after stage canary waits for a person: flotilla rollout approve shop',
    });
    expect(textOf(world.operate({ verb: 'approve', stage: undefined }))).toBe('goes on after stage canary');
    world.run();
    expect(world.holding('two')).toHaveLength(5);
  });

  it('is asked for its yes only when it has passed, and by its own name', () => {
    const world = atGate();
    world.push('three');
    world.settle();
    const approve = (stage?: string) => textOf(world.operate({ verb: 'approve', stage }));
    expect(approve()).toBe('NothingToApprove: shop-3 asks for no approval now');
    world.run();
    expect(approve('canari')).toBe('UnknownStage: strategy test has no stage canari; it has canary, rest');
    expect(approve('rest')).toBe('NothingToApprove: shop-3 asks for the approval of stage canary');
    expect(world.operate({ verb: 'approve', stage: 'canary' }, world.state.history[0]?.id).ok).toBe(false);
    expect(approve('canary')).toBe('goes on after stage canary');
    expect(approve('canary')).toBe('is approved after stage canary already');
  });

  it('takes no yes that was given for an older release', () => {
    const world = atGate();
    world.operate({ verb: 'approve', stage: undefined });
    world.push('three');
    world.run();
    expect(world.holding('three')).toHaveLength(1);
  });

  it('asks again when the yes was not used for three days, or the rollout halted since', () => {
    const world = atGate();
    world.operate({ verb: 'pause' });
    world.operate({ verb: 'approve', stage: undefined });
    world.nowMs += approvalLifeMs + 1;
    world.operate({ verb: 'resume' });
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]?.code).toBe('NeedsApproval');

    const halted = atGate();
    const [canary = ''] = newestWave(halted);
    halted.operate({ verb: 'pause' });
    halted.operate({ verb: 'approve', stage: undefined });
    halted.says(canary, { state: 'Degraded' });
    expect(halted.settle()).toEqual(['cluster-failed', 'rollout-halted']);
    halted.says(canary);
    halted.operate({ verb: 'resume' });
    expect(halted.run()).toEqual(['wave-passed']);
    expect(halted.last.notes[0]?.code).toBe('NeedsApproval');
  });

  it('asks also when it took no cluster of this plan, before anything begins', () => {
    const world = new World(five);
    world.strategy = approvedCanary({ matchLabels: { tier: 'canary' } });
    world.push('one');
    expect(world.settle()).toEqual(['rollout-planned']);
    expect(world.last.notes[0]?.code).toBe('NeedsApproval');
  });

  it('asks before the end when it is the last one', () => {
    const world = new World(five);
    const [canary, rest] = canaryThenRest().stages;
    world.strategy = canaryThenRest(0, { stages: [canary!, { ...rest!, after: ['approval'] }] });
    world.push('one');
    expect(world.run()).not.toContain('rollout-succeeded');
    world.operate({ verb: 'approve', stage: 'rest' });
    expect(world.settle()).toEqual(['rollout-succeeded']);
  });

  it('holds no rollback', () => {
    const world = atGate();
    world.operate({ verb: 'undo' });
    world.run();
    expect(world.holding('one')).toHaveLength(5);
  });

  it('asks once: what an approval let begin is not asked for again, however long it takes', () => {
    const world = new World(names(30));
    world.push('one');
    world.run();
    const few = { kind: 'count', count: 4 } as const;
    const [canary, rest] = approvedCanary().stages;
    const slow = { ...rest!, waves: { start: few, growth: 1, max: few } };
    world.strategy = canaryThenRest(0, { stages: [canary!, slow] });
    world.push('two');
    world.run();
    world.operate({ verb: 'approve', stage: undefined });
    world.settle();
    world.everybodyIsWell();
    world.nowMs += approvalLifeMs + 1;
    world.run();
    expect(world.holding('two')).toHaveLength(30);
  });
});
