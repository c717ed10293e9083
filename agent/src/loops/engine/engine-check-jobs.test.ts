import { describe, expect, it } from 'vitest';
import { checkJobs, deleteJob, endJob, forbidden, jobCheck, madeJobs } from './check-rows-fixture.ts';
import {
  configMap,
  eventually,
  hold,
  openStage,
  removalFor,
  rowFor,
  startIn,
  untilState,
} from './engine-world-fixture.ts';

const files = { 'a.yaml': configMap('settings', '1') };
const health = { stageChecks: [jobCheck()] };

describe('a Job check', () => {
  it('makes its Job once everything is healthy, and holds when it has come to its end', async () => {
    await using stage = openStage();
    const { world, agent, person } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files, health }));
    await untilState(engine, 'shop', 'Ready');

    const [job] = await checkJobs(person);
    expect(job?.metadata).toMatchObject({
      name: expect.stringMatching(/^check-shop-smoke-[0-9a-f]{10}$/),
      labels: { team: 'shop', 'flotilla.dev/check': 'smoke', 'flotilla.dev/check-of': 'shop' },
    });
    expect(job?.metadata.labels).not.toHaveProperty('flotilla.dev/assignment');
    expect(job?.metadata.labels).not.toHaveProperty('applyset.kubernetes.io/part-of');
    expect(engine.reports()[0]?.counts).toMatchObject({ total: 1, applied: 1, healthy: 1 });
    expect(engine.facts().more['orphans']).toBeUndefined();
    expect(madeJobs(stage)).toHaveLength(1);
  });

  it('that passed is not run again when somebody deletes the Job, also after a restart', async () => {
    await using stage = openStage();
    const { world, agent, person } = stage;
    await hold(world, rowFor(world, { files, health }));
    {
      await using engine = startIn(world, agent);
      await untilState(engine, 'shop', 'Ready');
      const [job] = await checkJobs(person);
      await deleteJob(person, job!);
      engine.reconcileNow();
      await eventually(
        () => engine.reports()[0]?.healthyForMs ?? 0,
        (ms) => ms > 2_000,
      );
    }
    await using engine = startIn(world, agent);
    await untilState(engine, 'shop', 'Ready');
    expect(madeJobs(stage)).toHaveLength(1);
    expect(await checkJobs(person)).toEqual([]);
  });

  it('that failed says why, and runs again when somebody deletes the Job', async () => {
    await using stage = openStage();
    const { world, agent, person, cluster } = stage;
    cluster.faults.setControllersRunning(false);
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files, health, render: { namespace: 'default' } }));
    const [job] = await eventually(
      () => checkJobs(person, 'default'),
      (jobs) => jobs.length === 1,
    );
    await endJob(person, job!, 'Failed');
    const failed = await untilState(engine, 'shop', 'Degraded');
    expect(failed).toMatchObject({
      reason: 'CheckFailed',
      text: `check smoke: Job default/${job?.metadata.name}: BackoffLimitExceeded: it was tried often enough`,
      failing: [{ kind: 'Job', reason: 'CheckFailed' }],
    });
    expect(madeJobs(stage)).toHaveLength(1);

    await deleteJob(person, job!);
    const again = await eventually(
      () => checkJobs(person, 'default'),
      ([one]) => one !== undefined && one.metadata.uid !== job?.metadata.uid,
    );
    await endJob(person, again[0]!, 'Complete');
    await untilState(engine, 'shop', 'Ready');
    expect(madeJobs(stage)).toHaveLength(2);
  });

  it('runs once for each version of the row, and the Job of the one before is deleted', async () => {
    await using stage = openStage();
    const { world, agent, person } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files, health }));
    await untilState(engine, 'shop', 'Ready');
    const next = rowFor(world, { files, health });
    await hold(world, next);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Ready' && one.version.seq === next.version.seq,
    );
    const jobs = await checkJobs(person);
    expect(jobs.map((one) => one.metadata.annotations?.['flotilla.dev/check-version'])).toEqual([
      `1.${next.version.seq}`,
    ]);
    expect(new Set(madeJobs(stage)).size).toBe(2);

    const free = rowFor(world, { files });
    await hold(world, free);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Ready' && one.version.seq === free.version.seq,
    );
    expect(await checkJobs(person)).toEqual([]);
    expect(world.store.peek('checks/shop')).toBeUndefined();
  });

  it('is deleted with its assignment, which is not Removed before', async () => {
    await using stage = openStage();
    const { world, agent, person, cluster } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files, health }));
    await untilState(engine, 'shop', 'Ready');
    const allow = cluster.faults.refuse(({ user, verb, resource }) =>
      user === 'agent' && verb === 'delete' && resource === 'jobs' ? forbidden('delete') : undefined,
    );
    await hold(world, removalFor('shop'));
    const left = await eventually(
      () => engine.reports()[0],
      (one) => one?.reason === 'CheckForbidden',
    );
    expect(left).toMatchObject({ state: 'Removing', text: expect.stringContaining('missing rule:') });
    allow();
    await untilState(engine, 'shop', 'Removed');
    expect(await checkJobs(person)).toEqual([]);
    expect(world.store.peek('checks/shop')).toBeUndefined();
  });

  it('that cannot be deleted is no reason to look at a suspended assignment over and over', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    let looks = 0;
    const rows = {
      ...world.rows,
      get: (...call: Parameters<typeof world.rows.get>) => {
        looks += 1;
        return world.rows.get(...call);
      },
    };
    await using engine = startIn({ ...world, rows }, agent);
    await hold(world, rowFor(world, { files, health }));
    await untilState(engine, 'shop', 'Ready');
    cluster.faults.refuse(({ user, verb, resource }) =>
      user === 'agent' && verb === 'delete' && resource === 'jobs' ? forbidden('delete') : undefined,
    );
    await hold(world, rowFor(world, { files, health }));
    await untilState(engine, 'shop', 'Stalled');
    await hold(world, rowFor(world, { files, suspended: 'incident' }));
    await untilState(engine, 'shop', 'Suspended');

    const lookedAtMs = world.clock.nowMs();
    // Well past the pause after which a Job is tried again.
    await eventually(
      () => world.clock.nowMs() - lookedAtMs,
      (ms) => ms > 45_000,
    );
    expect(looks).toBeLessThan(100);
  });

  it('that may not be made is Stalled, and names the rule to add', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    const allow = cluster.faults.refuse(({ user, verb, resource }) =>
      user === 'agent' && verb === 'create' && resource === 'jobs' ? forbidden('create') : undefined,
    );
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files, health }));
    const stalled = await untilState(engine, 'shop', 'Stalled');
    expect(stalled.reason).toBe('CheckForbidden');
    expect(stalled.text).toMatch(/^check smoke: .*missing rule: .*jobs/);
    allow();
    await untilState(engine, 'shop', 'Ready');
  });

  it('that does not end within its timeout has failed, and passes when it ends after all', async () => {
    await using stage = openStage();
    const { world, agent, person, cluster } = stage;
    cluster.faults.setControllersRunning(false);
    await using engine = startIn(world, agent);
    const checks = { stageChecks: [jobCheck('smoke', {}, 3_000)] };
    await hold(world, rowFor(world, { files, health: checks, render: { namespace: 'default' } }));
    const failed = await untilState(engine, 'shop', 'Degraded');
    expect(failed.reason).toBe('CheckFailed');
    expect(failed.text).toMatch(
      /^check smoke did not pass within 3s: Job default\/check-shop-smoke-\w+ has not ended/,
    );
    const [job] = await checkJobs(person, 'default');
    await endJob(person, job!, 'Complete');
    await untilState(engine, 'shop', 'Ready');
  });

  it('whose manifest the server refuses is Stalled with what it says', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    const checks = { stageChecks: [jobCheck('smoke', { backofLimit: 1 })] };
    await hold(world, rowFor(world, { files, health: checks }));
    expect(await untilState(engine, 'shop', 'Stalled')).toMatchObject({
      reason: 'CheckInvalid',
      text: expect.stringContaining('backofLimit'),
    });
  });

  it('does not count, nor run, while what happened cannot be written down', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    world.store.beforeWrite = (key) => {
      if (key.startsWith('checks/')) throw new Error('the disk is full');
    };
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files, health }));
    const waiting = await eventually(
      () => engine.reports()[0],
      (one) => one?.text.includes('the disk is full') === true,
    );
    expect(waiting?.state).not.toBe('Ready');
    expect(madeJobs(stage)).toEqual([]);
    world.store.beforeWrite = undefined;
    await untilState(engine, 'shop', 'Ready');
    expect(madeJobs(stage)).toHaveLength(1);
  });
});
