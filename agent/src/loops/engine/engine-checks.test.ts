import type { Clock } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { celCheck, kstatusCheck } from './check-rows-fixture.ts';
import {
  configMap,
  deployment,
  edit,
  eventually,
  fastClock,
  hold,
  never,
  openStage,
  ref,
  rowFor,
  type Stage,
  startIn,
  untilState,
} from './engine-world-fixture.ts';

const files = { 'a.yaml': configMap('settings', '1') };
const gate = ref('ConfigMap', 'gate');

async function make({ person }: Stage, data: object, namespace = 'shop'): Promise<void> {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'gate', namespace }, data };
  await person.create(object, { fieldManager: 'person', dryRun: false }, never);
}

/** A clock that can be made to stand still: what sleeps then sleeps on. */
function stoppableClock(): Clock & { readonly stop: () => void } {
  const clock = fastClock(20);
  let stoppedAtMs: number | undefined;
  return {
    nowMs: () => stoppedAtMs ?? clock.nowMs(),
    wallMs: () => clock.wallMs(),
    sleep: (ms, signal) => clock.sleep(stoppedAtMs === undefined ? ms : 1e9, signal),
    stop: () => {
      stoppedAtMs = clock.nowMs();
    },
  };
}

describe('checks over an object of the cluster', () => {
  it('keep an assignment from being Ready until the object that somebody else owns is there', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files, health: { stageChecks: [kstatusCheck({})] } }));
    const waiting = await eventually(
      () => engine.reports()[0],
      (one) => one?.reason === 'CheckWaiting' && one.text.includes('does not exist'),
    );
    expect(waiting).toMatchObject({
      state: 'Progressing',
      phase: 'verifying',
      text: 'check ready: ConfigMap shop/gate: does not exist',
      healthyForMs: 0,
    });

    await make(stage, {});
    await untilState(engine, 'shop', 'Ready');
  });

  it('hold only as long as they hold: readiness ends, and is counted anew afterwards', async () => {
    await using stage = openStage();
    const { world, agent, person } = stage;
    await using engine = startIn(world, agent);
    await hold(
      world,
      rowFor(world, { files, health: { stageChecks: [celCheck('object.data.open == "yes"')] } }),
    );
    await eventually(
      () => engine.reports()[0],
      (one) => one?.reason === 'CheckWaiting',
    );
    await make(stage, { open: 'yes' });
    await untilState(engine, 'shop', 'Ready');
    await eventually(
      () => engine.reports()[0]?.healthyForMs ?? 0,
      (ms) => ms > 2_000,
    );

    await edit(person, gate, { data: { open: 'no' } });
    expect(await untilState(engine, 'shop', 'Progressing')).toMatchObject({
      reason: 'CheckWaiting',
      healthyForMs: 0,
      text: 'check asked: ConfigMap shop/gate: the expression is false',
    });
    await edit(person, gate, { data: { open: 'yes' } });
    expect((await untilState(engine, 'shop', 'Ready')).healthyForMs).toBeLessThan(2_000);
  });

  it('fail when they do not hold within their timeout, with their own words, and may recover', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    const check = kstatusCheck({ group: 'apps', kind: 'Deployment', name: 'web' }, 5_000);
    const broken = { 'b.yaml': deployment('web', 'web:broken') };
    await hold(world, rowFor(world, { placement: 'other', files: broken, apply: { drift: 'report' } }));
    await hold(world, rowFor(world, { files, health: { stageChecks: [check] } }));
    const failed = await untilState(engine, 'shop', 'Degraded');
    expect(failed).toMatchObject({ reason: 'CheckFailed', deadlinePassed: false });
    expect(failed.text).toMatch(/^check ready did not pass within 5s: Deployment shop\/web: /);
    expect(failed.failing).toMatchObject([{ kind: 'Deployment', name: 'web', reason: 'CheckFailed' }]);

    await hold(world, rowFor(world, { placement: 'other', files: { 'b.yaml': deployment('web', 'web:2') } }));
    await untilState(engine, 'shop', 'Ready');
  });

  it('over an object of an assignment are asked as soon as it changes, whoever keeps it', async () => {
    const clock = stoppableClock();
    await using stage = openStage(clock);
    const { world, agent, person } = stage;
    await using engine = startIn(world, agent);
    const gates = { 'gate.yaml': configMap('gate', 'open') };
    await hold(world, rowFor(world, { placement: 'other', files: gates, apply: { drift: 'report' } }));
    await untilState(engine, 'other', 'Ready');
    const check = celCheck('object.data.value == "open"');
    await hold(world, rowFor(world, { files, health: { stageChecks: [check] } }));
    await untilState(engine, 'shop', 'Ready');

    // No pause ends any more: only the watch can tell.
    clock.stop();
    await edit(person, gate, { data: { value: 'closed' } });
    await untilState(engine, 'shop', 'Progressing');
    await edit(person, gate, { data: { value: 'open' } });
    await untilState(engine, 'shop', 'Ready');
  });

  it('that nobody can ask for lack of a right are Stalled, and name the rule to add', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    const allow = cluster.faults.refuse(({ user, verb, resource }) =>
      user === 'agent' && verb === 'get' && resource === 'services'
        ? {
            code: 403,
            reason: 'Forbidden',
            message:
              'services "gate" is forbidden: User "agent" cannot get resource "services" in API group ""',
            causes: [],
            name: 'gate',
            retryAfterMs: undefined,
          }
        : undefined,
    );
    await using engine = startIn(world, agent);
    await hold(
      world,
      rowFor(world, { files, health: { stageChecks: [kstatusCheck({ kind: 'Service', name: 'gate' })] } }),
    );
    const stalled = await untilState(engine, 'shop', 'Stalled');
    expect(stalled.reason).toBe('CheckForbidden');
    expect(stalled.text).toMatch(/^check ready: .*missing rule: .*services/);
    expect(stalled.text).toContain('get');
    allow();
    await untilState(engine, 'shop', 'Progressing');
  });

  it.each([
    ['of the agent itself', { namespace: 'flotilla-system' }, 'shop', "lies in the agent's own namespace"],
    ['in no namespace', {}, undefined, 'names no namespace'],
  ])('%s are refused', async (_name, object, namespace, text) => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    const whole = {
      'a.yaml': configMap('settings', '1').replace(
        '{name: settings}',
        '{name: settings, namespace: default}',
      ),
    };
    await hold(
      world,
      rowFor(world, {
        files: whole,
        render: { namespace },
        apply: { createNamespace: false },
        health: { stageChecks: [kstatusCheck(object)] },
      }),
    );
    const stalled = await untilState(engine, 'shop', 'Stalled');
    expect(stalled).toMatchObject({ reason: 'CheckInvalid', text: expect.stringContaining(text) });
  });

  it('that no deadline waits for make the assignment Degraded when the row’s own is over', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    await hold(
      world,
      rowFor(world, { files, deadlineMs: 2_000, health: { stageChecks: [kstatusCheck({})] } }),
    );
    const late = await untilState(engine, 'shop', 'Degraded');
    expect(late).toMatchObject({ reason: 'CheckFailed', deadlinePassed: true });
    expect(late.text).toBe('not passed after 2s: check ready: ConfigMap shop/gate: does not exist');
  });

  it('all have to hold', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    const checks = [kstatusCheck({ name: 'settings' }), celCheck('object.data.open == "yes"')];
    await hold(world, rowFor(world, { files, health: { stageChecks: checks } }));
    await eventually(
      () => engine.reports()[0]?.text,
      (text) => text === 'check asked: ConfigMap shop/gate: does not exist',
    );
    await make(stage, { open: 'yes' });
    await untilState(engine, 'shop', 'Ready');
  });
});
