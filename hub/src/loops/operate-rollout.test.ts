import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MemoryDecisionLog } from '../../../test/fakes/index.ts';
import type { RolloutRequest } from '../api-port.ts';
import type { World } from '../core/rollout/rollout-fixture.ts';
import { placement } from '../core/rollout/samples-fixture.ts';
import { kindsIn, logOf, never, startHub, threeClusters, worldUnderWay } from './deciding-hub-fixture.ts';
import { Fleet } from './fleet.ts';
import { refusalWords } from './operate-refusals.ts';
import { operateRollout } from './operate-rollout.ts';

/** A hub process that has looked at Git, and how a person asks it. */
async function startOperating(log: MemoryDecisionLog, world: World, name?: string) {
  const { deps, fleet } = await startHub(log, world, name);
  fleet.setPlacement(placement, { spec: undefined, desired: world.desired, errors: [] });
  const operate = (operation: RolloutRequest['operation'], more: Partial<RolloutRequest> = {}) => {
    const target = { kind: 'placement', name: placement } as const;
    const by = { actor: 'ada', reason: 'incident 812' };
    return operateRollout(deps, { target, operation, expectedSeq: undefined, by, ...more }, never);
  };
  return { deps, fleet, operate };
}

describe('an operation of a person', () => {
  it('is one decision in the log, with who and why, and none when it is asked again', async () => {
    const world = worldUnderWay();
    const log = await logOf(world);
    const { fleet, operate } = await startOperating(log, world);
    const { size } = log;

    const first = await operate({ verb: 'pause' });
    const again = await operate({ verb: 'pause' });

    const id = world.state.active!.id;
    const text = 'is paused: what was started goes on, no further wave opens';
    const common = { rollout: id, placement, verb: 'pause', text, lastSeq: size + 1 };
    expect(first).toEqual({ ok: true, value: { ...common, isChanged: true } });
    expect(again).toEqual({ ok: true, value: { ...common, isChanged: false } });
    expect(await kindsIn(log, size)).toEqual(['rollout-paused']);
    expect(fleet.placementOf(placement).state.active?.isPaused).toBe(true);
  });

  it('is decided once when two hub processes are asked at the same moment', async () => {
    const world = worldUnderWay();
    const log = await logOf(world);
    const [one, two] = [await startOperating(log, world, 'hub-1'), await startOperating(log, world, 'hub-2')];
    const { size } = log;

    const answers = await Promise.all([one.operate({ verb: 'undo' }), two.operate({ verb: 'undo' })]);

    expect(answers.map((answer) => answer.ok && answer.value.isChanged).sort()).toEqual([false, true]);
    expect(await kindsIn(log, size)).toEqual(['rollout-planned']);
  });

  it('with an expected sequence decides nothing once the placement has moved on', async () => {
    const world = worldUnderWay();
    const log = await logOf(world);
    const { operate } = await startOperating(log, world);
    const { size } = log;
    const old = await operate({ verb: 'pause' }, { expectedSeq: size - 1 });
    const right = await operate({ verb: 'pause' }, { expectedSeq: size });
    const late = await operate({ verb: 'resume' }, { expectedSeq: size });

    expect(old).toMatchObject({ ok: false, error: { kind: 'conflict', code: 'FLT-4015' } });
    expect(right).toMatchObject({ ok: true, value: { isChanged: true } });
    expect(late).toMatchObject({ ok: false, error: { kind: 'conflict', code: 'FLT-4015' } });
    expect(await kindsIn(log, size)).toEqual(['rollout-paused']);
  });

  it('with an expected sequence is not tried again when another process is faster', async () => {
    const world = worldUnderWay();
    const log = await logOf(world);
    const [one, two] = [await startOperating(log, world, 'hub-1'), await startOperating(log, world, 'hub-2')];
    const { size } = log;
    const pinned = { expectedSeq: size };

    const answers = await Promise.all([
      one.operate({ verb: 'pause' }, pinned),
      two.operate({ verb: 'abort' }, pinned),
    ]);

    expect(answers.map(({ ok }) => ok).sort()).toEqual([false, true]);
    expect(log.size).toBe(size + 1);
  });

  it('of several decisions is completed by asking again after a crash in between', async () => {
    const world = worldUnderWay();
    for (const name of threeClusters.filter((one) => world.holding('two').includes(one)))
      world.says(name, { state: 'Degraded', deadlinePassed: true });
    world.settle();
    expect(world.state.active?.status.kind).toBe('halted');
    world.operate({ verb: 'pause' });
    const log = await logOf(world);
    const { size } = log;
    const dying = await startOperating(log, world, 'hub-1');
    const append = log.append.bind(log);
    let appends = 0;
    log.append = async (...given) => {
      appends += 1;
      log.isAvailable = appends < 2;
      return append(...given);
    };
    const broken = await dying.operate({ verb: 'resume' });

    log.append = append;
    log.isAvailable = true;
    const { operate, fleet } = await startOperating(log, world, 'hub-2');
    const again = await operate({ verb: 'resume' });

    expect(broken).toMatchObject({ ok: false, error: { kind: 'unavailable', code: 'FLT-5002' } });
    expect(!broken.ok && broken.error.stillTrue).toBe(
      '1 of 2 decisions are made; asking again completes them',
    );
    expect(again).toMatchObject({ ok: true, value: { isChanged: true } });
    expect(await kindsIn(log, size)).toEqual(['rollout-paused', 'rollout-resumed']);
    expect(fleet.placementOf(placement).state.active).toMatchObject({ isPaused: false });
  });

  it('gives up after as many conflicts as are reasonable', async () => {
    const world = worldUnderWay();
    const log = await logOf(world);
    const { deps, fleet, operate } = await startOperating(log, world);
    const append = log.append.bind(log);
    let tries = 0;
    // Somebody else is always faster.
    log.append = async (to, event, signal) => {
      tries += 1;
      const lastSeq = fleet.placementOf(placement).state.lastSeq;
      await append(to, { ...event, id: deps.newEventId(), payload: { kind: 'tick' } as never }, signal);
      return append(to, { ...event, expectedSeq: lastSeq }, signal);
    };

    const answer = await operate({ verb: 'pause' });

    expect(answer).toMatchObject({ ok: false, error: { kind: 'conflict', code: 'FLT-4003' } });
    expect(tries).toBe(5);
  });
});

describe('an operation that cannot be', () => {
  it.each([
    [{ kind: 'placement', name: 'shoe' }, { verb: 'pause' }, 'not-found', 'FLT-3002'],
    [{ kind: 'rollout', name: 'shop-99' }, { verb: 'pause' }, 'not-found', 'FLT-3004'],
    [{ kind: 'rollout', name: 'shop' }, { verb: 'pause' }, 'not-found', 'FLT-3004'],
    [{ kind: 'placement', name: 'shop' }, { verb: 'skip', cluster: 'eu-9' }, 'not-found', 'FLT-3001'],
    [{ kind: 'placement', name: 'shop' }, { verb: 'retry' }, 'conflict', 'FLT-4011'],
    [{ kind: 'rollout', name: 'shop-1' }, { verb: 'pause' }, 'conflict', 'FLT-4005'],
    [{ kind: 'rollout', name: 'shop-1' }, { verb: 'undo' }, 'conflict', 'FLT-4010'],
    [{ kind: 'placement', name: 'shop' }, { verb: 'approve', stage: 'x' }, 'invalid', 'FLT-4016'],
  ] as const)('on %j: %j is refused as %s with %s', async (target, operation, kind, code) => {
    const world = worldUnderWay();
    const log = await logOf(world);
    const { operate } = await startOperating(log, world);
    const { size } = log;

    const answer = await operate(operation, { target });

    expect(answer).toMatchObject({ ok: false, error: { kind, code, stillTrue: 'nothing was decided' } });
    expect(!answer.ok && answer.error.next).toMatch(/^flotilla \S/);
    expect(log.size).toBe(size);
  });

  it('has words for every reason that the core may give', () => {
    const folder = join(import.meta.dirname, '../core/rollout');
    const sources = ['operate.ts', 'call-urgent.ts', 'permit-prune.ts', 'plan-undo.ts', 'plan-size.ts'].map(
      (file) => readFileSync(join(folder, file), 'utf8'),
    );
    const codes = [...sources.join('\n').matchAll(/(?:refuse\(\s*|\bcode: )'(\w+)'/g)].map(
      (found) => found[1],
    );
    expect(new Set(codes)).toEqual(new Set(Object.keys(refusalWords)));
  });

  it('decides nothing while the log is being read', async () => {
    const deps = { fleet: new Fleet() } as never;
    const target = { kind: 'placement', name: placement } as const;
    const by = { actor: 'ada', reason: '' };
    const request = { target, operation: { verb: 'pause' }, expectedSeq: undefined, by } as const;
    expect(await operateRollout(deps, request, never)).toMatchObject({
      ok: false,
      error: { kind: 'unavailable', code: 'FLT-5001' },
    });
  });
});
