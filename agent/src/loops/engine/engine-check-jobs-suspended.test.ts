import { describe, expect, it } from 'vitest';
import { checkJobs, jobCheck } from './check-rows-fixture.ts';
import {
  configMap,
  eventually,
  hold,
  openStage,
  rowFor,
  startIn,
  untilState,
} from './engine-world-fixture.ts';

const files = { 'a.yaml': configMap('settings', '1') };
const health = { stageChecks: [jobCheck()] };

describe('a Job check', () => {
  it('does not run on while its assignment is suspended, also when the agent was away meanwhile', async () => {
    await using stage = openStage();
    const { world, agent, person, cluster } = stage;
    cluster.faults.setControllersRunning(false);
    const own = { files, health, render: { namespace: 'default' } };
    const untilJobs = (count: number) =>
      eventually(
        () => checkJobs(person, 'default'),
        (jobs) => jobs.length === count,
      );
    {
      await using engine = startIn(world, agent);
      await hold(world, rowFor(world, own));
      await untilJobs(1);
      await hold(world, rowFor(world, { ...own, suspended: 'incident' }));
      await untilJobs(0);
      await untilState(engine, 'shop', 'Suspended');
      await hold(world, rowFor(world, own));
      await untilJobs(1);
    }
    await hold(world, rowFor(world, { ...own, suspended: 'incident' }));
    await using engine = startIn(world, agent);
    await untilJobs(0);
    expect(await untilState(engine, 'shop', 'Suspended')).toMatchObject({ text: 'incident' });
  });
});
