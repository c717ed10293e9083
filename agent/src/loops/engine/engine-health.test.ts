import { describe, expect, it } from 'vitest';
import { fieldAt } from '../../core/index.ts';
import {
  assignmentRef,
  deployment,
  edit,
  eventually,
  hold,
  never,
  openStage,
  rowFor,
  startIn,
  two,
  untilState,
  web,
} from './engine-world-fixture.ts';

describe('health', () => {
  it('names a container that keeps crashing, and recovers with the next commit', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: { 'b.yaml': deployment('web', 'web:crashing') } }));

    const degraded = await untilState(engine, 'shop', 'Degraded');
    expect(degraded).toMatchObject({
      reason: 'Unhealthy',
      healthyForMs: 0,
      failing: [{ kind: 'Deployment', reason: 'CrashLoopBackOff' }],
    });

    await hold(world, rowFor(world, { files: { 'b.yaml': deployment('web', 'web:2') } }));
    await untilState(engine, 'shop', 'Ready');
  });

  it('takes an image that cannot be pulled as failed after its grace period', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: { 'b.yaml': deployment('web', 'web:broken') } }));
    const degraded = await untilState(engine, 'shop', 'Degraded');
    expect(degraded.failing[0]).toMatchObject({ reason: 'ImagePullBackOff' });
  });

  it('says Degraded when the deadline passes without Ready, and says that it passed', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    cluster.faults.setControllersRunning(false);
    await using engine = startIn(world, agent);
    await hold(
      world,
      rowFor(world, {
        files: { 'b.yaml': deployment('web', 'web:1') },
        deadlineMs: 2_000,
        render: { namespace: 'default' },
      }),
    );

    const waiting = await eventually(
      () => engine.reports()[0],
      (one) => one?.phase === 'verifying',
    );
    expect(waiting).toMatchObject({ state: 'Progressing', deadlinePassed: false });
    expect(await untilState(engine, 'shop', 'Degraded')).toMatchObject({ deadlinePassed: true });

    cluster.faults.setControllersRunning(true);
    expect(await untilState(engine, 'shop', 'Ready')).toMatchObject({ deadlinePassed: false });
  });

  it('stops being Ready when a workload fails later, and counts health anew afterwards', async () => {
    await using stage = openStage();
    const { world, agent, person } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two, apply: { drift: 'report' } }));
    await untilState(engine, 'shop', 'Ready');
    const healthyForMs = () => engine.reports()[0]?.healthyForMs ?? 0;
    await eventually(healthyForMs, (ms) => ms > 500);

    await edit(person, web, {
      spec: { template: { spec: { containers: [{ name: 'main', image: 'web:crashing' }] } } },
    });
    await untilState(engine, 'shop', 'Degraded');
    expect(healthyForMs()).toBe(0);
  });
});

describe('what is shown in the cluster', () => {
  it('follows the state', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    const shown = await eventually(
      () => agent.get(assignmentRef('shop'), never),
      (object) => fieldAt(object, 'status', 'state') === 'Ready',
    );
    expect(shown?.['status']).toMatchObject({
      objects: '2/2',
      observedGeneration: 1,
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'Reconciling', status: 'False' },
        { type: 'Stalled', status: 'False' },
      ],
    });
  });

  it('includes an assignment that could never be rendered', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: { 'a.yaml': 'kind: X' } }));
    await untilState(engine, 'shop', 'Stalled');
    const shown = await eventually(
      () => agent.get(assignmentRef('shop'), never),
      (object) => fieldAt(object, 'status', 'state') === 'Stalled',
    );
    expect(fieldAt(shown, 'status', 'message')).toContain('apiVersion is missing');
    expect(shown?.metadata.annotations?.['applyset.kubernetes.io/contains-group-kinds']).toBe('');
  });
});
