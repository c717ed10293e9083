import type { RolloutStrategy, StageCheck } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { checkLifeMs } from './fold-checks.ts';
import { dueChecks, nextAskMs } from './gate.ts';
import { World } from './rollout-fixture.ts';
import { canaryThenRest, uidOf } from './samples-fixture.ts';
import { five, newestWave, textOf } from './stable-world-fixture.ts';

const url = 'https://checks.example.org';
const webhook = (name: string): StageCheck => ({
  kind: 'webhook',
  name,
  url,
  timeoutMs: 60_000,
  credential: undefined,
});
const job: StageCheck = { kind: 'job', name: 'smoke', timeoutMs: 60_000, jobJson: '{}' };

/** The canary stage names these checks, and a person if wished. */
function checked(checks: readonly StageCheck[], after: readonly 'approval'[] = []): RolloutStrategy {
  const strategy = canaryThenRest();
  const [canary, rest] = strategy.stages;
  return { ...strategy, stages: [{ ...canary!, checks, after }, rest!] };
}

/** `one` is stable; `two` has passed its canary and waits for what the strategy asks. */
function atGate(strategy: RolloutStrategy): World {
  const world = new World(five);
  world.push('one');
  world.run();
  world.strategy = strategy;
  world.push('two');
  world.run();
  return world;
}

function due(world: World): readonly string[] {
  return dueChecks(world.state, world.nowMs).map((one) => one.key);
}

function firstNote(world: World): string {
  const [note] = world.last.notes;
  return `${note?.code}: ${note?.text}`;
}

describe('a webhook check of a stage', () => {
  it('lets nothing of a later stage begin before it passed, and says what it waits for', () => {
    const world = atGate(checked([webhook('smoke')]));
    expect(world.holding('two')).toHaveLength(1);
    expect(firstNote(world)).toBe('WaitsForCheck: waits for check smoke of stage canary: it is asked');
    expect(due(world)).toEqual(['shop-2/0/0/smoke']);

    world.answers.set('shop-2/0/0/smoke', { kind: 'asking', text: 'HTTP 503, asked 3 times' });
    expect(world.settle()).toEqual([]);
    expect(firstNote(world)).toContain('waits for check smoke of stage canary: HTTP 503, asked 3 times');

    world.answers.set('shop-2/0/0/smoke', { kind: 'passed', text: 'fine' });
    expect(world.settle().slice(0, 2)).toEqual(['check-passed', 'wave-opened']);
    expect(due(world)).toEqual([]);
  });

  it('is not asked before every wave of its stage has passed', () => {
    const world = new World(five);
    world.strategy = checked([webhook('smoke')]);
    world.push('one');
    world.settle();
    expect(due(world)).toEqual([]);
    world.answers.set('shop-1/0/0/smoke', { kind: 'passed', text: '' });
    expect(world.settle()).toEqual([]);
  });

  it('that failed halts with its words, and a resume asks again', () => {
    const world = atGate(checked([webhook('first'), webhook('second')]));
    world.answers.set('shop-2/0/0/first', { kind: 'passed', text: '' });
    world.answers.set('shop-2/0/0/second', { kind: 'failed', text: '3 of 5 orders failed' });
    expect(world.settle()).toEqual(['check-passed', 'check-failed']);
    expect(firstNote(world)).toBe(
      'Halted: halted: check second of stage canary failed: 3 of 5 orders failed',
    );
    expect(due(world)).toEqual([]);

    world.operate({ verb: 'resume' });
    expect(world.run()).toEqual(['wave-passed']);
    // What passed before the halt spoke of what was there before it.
    expect(due(world)).toEqual(['shop-2/1/0/first']);
    world.answers.set('shop-2/1/0/first', { kind: 'passed', text: '' });
    world.answers.set('shop-2/1/0/second', { kind: 'passed', text: '' });
    world.run();
    expect(world.holding('two')).toHaveLength(5);
  });

  it('comes before the approval of its stage, and an approval before it is refused', () => {
    const world = atGate(checked([webhook('smoke')], ['approval']));
    expect(textOf(world.operate({ verb: 'approve', stage: undefined }))).toBe(
      'NothingToApprove: shop-2 waits for check smoke of stage canary first',
    );
    world.answers.set('shop-2/0/0/smoke', { kind: 'passed', text: '' });
    expect(world.settle()).toEqual(['check-passed']);
    expect(world.last.notes[0]?.code).toBe('NeedsApproval');
    world.operate({ verb: 'approve', stage: 'canary' });
    world.run();
    expect(world.holding('two')).toHaveLength(5);
  });

  it('I8: that passed long ago is asked again before what it allows begins, once a person has agreed', () => {
    const world = atGate(checked([webhook('smoke')], ['approval']));
    world.answers.set('shop-2/0/0/smoke', { kind: 'passed', text: '' });
    world.settle();
    const passedAtMs = world.state.timeMs;
    expect(nextAskMs(world.state, world.nowMs)).toBe(passedAtMs + checkLifeMs);

    world.nowMs = passedAtMs + checkLifeMs;
    expect(nextAskMs(world.state, world.nowMs)).toBeUndefined();
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]?.code).toBe('NeedsApproval');
    expect(due(world)).toEqual([]);
    world.operate({ verb: 'approve', stage: 'canary' });
    expect(world.run()).toEqual([]);
    expect(firstNote(world)).toBe('WaitsForCheck: waits for check smoke of stage canary: it is asked');
    const question = `shop-2/0/0/smoke/${passedAtMs}`;
    expect(due(world)).toEqual([question]);

    world.answers.set(question, { kind: 'passed', text: '' });
    expect(world.settle().slice(0, 2)).toEqual(['check-passed', 'wave-opened']);
    expect(nextAskMs(world.state, world.nowMs)).toBeUndefined();
  });

  it('that passed a moment ago is not asked again', () => {
    const world = atGate(checked([webhook('smoke')], ['approval']));
    world.answers.set('shop-2/0/0/smoke', { kind: 'passed', text: '' });
    world.settle();
    world.nowMs = world.state.timeMs + checkLifeMs - 1;
    world.operate({ verb: 'approve', stage: 'canary' });
    expect(world.settle()).toContain('wave-opened');
  });

  it('of a stage that took no cluster is asked before anything begins, also after a halt', () => {
    const world = new World(five);
    const strategy = checked([webhook('smoke')]);
    const [canary, rest] = strategy.stages;
    const nobody = { names: [], matchLabels: { a: 'b' }, matchExpressions: [], groups: [], exclude: [] };
    const select = { kind: 'selector', selector: JSON.stringify(nobody), required: false } as const;
    world.strategy = { ...strategy, stages: [{ ...canary!, select }, rest!] };
    world.push('one');
    expect(world.settle()).toEqual(['rollout-planned']);

    world.answers.set('shop-1/0/0/smoke', { kind: 'failed', text: 'no' });
    expect(world.settle()).toEqual(['check-failed']);
    world.operate({ verb: 'resume' });
    expect(world.settle()).toEqual([]);
    expect(world.holding('one')).toHaveLength(0);
    world.answers.set('shop-1/1/0/smoke', { kind: 'passed', text: '' });
    expect(world.settle()).toContain('wave-opened');
  });

  it('holds no rollback', () => {
    const world = atGate(checked([webhook('smoke')]));
    world.operate({ verb: 'undo' });
    world.run();
    expect(world.holding('one')).toHaveLength(5);
  });

  it('is undone by a strategy that asks for it', () => {
    const strategy = checked([webhook('smoke')]);
    const world = atGate({ ...strategy, failure: { ...strategy.failure, action: 'rollback' } });
    world.answers.set('shop-2/0/0/smoke', { kind: 'failed', text: 'no' });
    world.run();
    expect(world.holding('one')).toHaveLength(5);
  });
});

describe('a check that runs in the cluster', () => {
  it('goes with the rows of its stage and with no others, and changes no digest', () => {
    const world = atGate(checked([job, webhook('later')]));
    world.answers.set('shop-2/0/0/later', { kind: 'passed', text: '' });
    const [canary = ''] = newestWave(world);
    world.run();
    const digests = new Set<string>();
    for (const name of five) {
      const target = world.state.rows.get(uidOf(name))?.target;
      if (target?.kind !== 'variant') throw new Error('everybody has a row');
      digests.add(target.variant.digest);
      expect(target.variant.health.stageChecks).toEqual(name === canary ? [job] : undefined);
    }
    expect(digests.size).toBe(1);
  });

  it('that failed counts as a failed check of its cluster, and halts a canary', () => {
    const world = atGate(checked([job]));
    world.push('three');
    world.settle();
    const [canary = ''] = newestWave(world);
    world.says(canary, { state: 'Degraded', reason: 'CheckFailed', text: 'check smoke: exited with 1' });
    expect(world.settle()).toEqual(['cluster-failed', 'rollout-halted']);
    const phase = world.state.active?.clusters.get(uidOf(canary))?.phase;
    expect(phase).toMatchObject({ kind: 'failed', failure: 'check' });
  });
});
