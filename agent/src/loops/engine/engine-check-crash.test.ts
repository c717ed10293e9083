import { describe, expect, it } from 'vitest';
import { type SimulatedCluster, startSimulatedCluster } from '../../io/kube-simulated/index.ts';
import type { KubePort } from '../../ports.ts';
import { checkJobs, deleteJob, jobCheck } from './check-rows-fixture.ts';
import { Doom, liveUntilDeath, type Moment } from './doom-fixture.ts';
import {
  configMap,
  type EngineWorld,
  engineWorld,
  eventually,
  hold,
  rowFor,
  startIn,
  untilState,
} from './engine-world-fixture.ts';

const files = { 'a.yaml': configMap('settings', '1') };
const health = { stageChecks: [jobCheck()] };

interface Run {
  /** Whether the process got to its n-th call at all. */
  readonly hasDied: boolean;
  /** Calls that it made. */
  readonly calls: number;
  /** Jobs made at the version that is checked. */
  readonly made: number;
  /** Versions of the Jobs that are left. */
  readonly left: readonly (string | undefined)[];
  /** Made once more when the passed Job was deleted and the agent restarted. */
  readonly madeAgain: number;
}

/** A healthy process passes a check; the next version is begun by one that dies, and ended by a healthy one. */
async function runWithDeath(at: number, moment: Moment): Promise<Run> {
  const world = engineWorld();
  await using cluster = startSimulatedCluster({ clock: world.clock, controllers: true });
  const kube = cluster.portAs('agent');
  await hold(world, rowFor(world, { files, health }));
  {
    await using engine = startIn(world, kube);
    await untilState(engine, 'shop', 'Ready');
  }
  cluster.writes.clear();
  const next = rowFor(world, { files, health });
  await hold(world, next);
  const doom = new Doom(at, moment);
  const hasDied = await liveUntilDeath(world, kube, doom);
  await untilReady(world, kube, next.version.seq);
  const made = madeJobs(cluster);
  const jobs = await checkJobs(kube);
  for (const job of jobs) await deleteJob(cluster.portAs('person'), job);
  await untilReady(world, kube, next.version.seq);
  return {
    hasDied,
    calls: doom.calls,
    made,
    left: jobs.map((one) => one.metadata.annotations?.['flotilla.dev/check-version']),
    madeAgain: madeJobs(cluster) - made,
  };
}

async function untilReady(world: EngineWorld, kube: KubePort, seq: number): Promise<void> {
  await using engine = startIn(world, kube);
  await eventually(
    () => engine.reports()[0],
    (report) => report?.state === 'Ready' && report.version.seq === seq,
    'Ready after a death',
  );
}

function madeJobs(cluster: SimulatedCluster): number {
  return cluster.writes
    .entries()
    .filter((one) => one.user === 'agent' && one.verb === 'create' && one.ref.kind === 'Job' && one.isChanged)
    .length;
}

/** Runs at the same time: each spends most of its time waiting. */
const batch = 10;

describe('a process that is killed', () => {
  it.each(['before', 'after'] as const)(
    '%s any of its calls runs no check twice, forgets none, and leaves no Job of the version before',
    async (moment) => {
      let points = 0;
      let calls = 0;
      for (let isOver = false; !isOver; points += batch) {
        const numbers = Array.from({ length: batch }, (_, index) => points + index + 1);
        const runs = await Promise.all(numbers.map((at) => runWithDeath(at, moment)));
        for (const [index, run] of runs.entries()) {
          expect({ ...run, at: numbers[index] }).toMatchObject({ made: 1, madeAgain: 0 });
          expect(run.left).toHaveLength(1);
        }
        isOver = runs.some((run) => !run.hasDied);
        calls = Math.max(calls, ...runs.map((run) => run.calls));
      }
      // The kind and the parents read; the Job before read, deleted and forgotten; intent, look, Job, pods, end.
      expect(calls).toBeGreaterThanOrEqual(10);
    },
    60_000,
  );
});
