import { describe, expect, it } from 'vitest';
import { memoryStateStore } from '../../../../test/fakes/state-store.ts';
import { checkJobs, forbidden, jobCheck, madeJobs } from './check-rows-fixture.ts';
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

describe('the Job of a check', () => {
  it('of a lost state store is deleted before the one of the next row is made, and with its removal', async () => {
    await using stage = openStage();
    const { world, agent, person, cluster } = stage;
    cluster.faults.setControllersRunning(false);
    const rowOf = () => rowFor(world, { files, health, render: { namespace: 'default' } });
    await hold(world, rowOf());
    const oneJob = async () =>
      await eventually(
        () => checkJobs(person, 'default'),
        (jobs) => jobs.length > 0,
      );
    {
      await using _engine = startIn(world, agent);
      await oneJob();
    }
    const [first] = await oneJob();
    const next = rowOf();
    await hold(world, next);
    {
      await using _engine = startIn({ ...world, store: memoryStateStore() }, agent);
      const made = `1.${next.version.seq}`;
      const versions = async () =>
        (await checkJobs(person, 'default')).map(
          (one) => one.metadata.annotations?.['flotilla.dev/check-version'],
        );
      await eventually(versions, (all) => all.includes(made));
      expect(await versions()).toEqual([made]);
      expect((await oneJob())[0]?.metadata.uid).not.toBe(first?.metadata.uid);
    }
    await hold(world, removalFor('shop'));
    await using engine = startIn({ ...world, store: memoryStateStore() }, agent);
    await untilState(engine, 'shop', 'Removed');
    expect(await checkJobs(person, 'default')).toEqual([]);
  });

  it('is not made while nobody can say which Jobs are there, and is where they may not be listed at all', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    const refuse = (code: number, reason: string) =>
      cluster.faults.refuse(({ user, verb, resource }) =>
        user === 'agent' && verb === 'list' && resource === 'jobs'
          ? { ...forbidden('list'), code, reason }
          : undefined,
      );
    const allow = refuse(500, 'InternalError');
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files, health }));
    await eventually(
      () => engine.reports()[0],
      (one) => one?.text.includes('cannot be told which Jobs') === true,
    );
    expect(madeJobs(stage)).toEqual([]);
    allow();
    refuse(403, 'Forbidden');
    await untilState(engine, 'shop', 'Ready');
    expect(madeJobs(stage)).toHaveLength(1);
  });
});
