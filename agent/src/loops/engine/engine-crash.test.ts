import type { KubeObject } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { startSimulatedCluster } from '../../io/kube-simulated/index.ts';
import { Doom, liveUntilDeath, type Moment } from './doom-fixture.ts';
import {
  configMap,
  type EngineWorld,
  engineWorld,
  eventually,
  hold,
  never,
  ref,
  rowFor,
  startIn,
  untilState,
} from './engine-world-fixture.ts';

const before = Object.fromEntries(
  ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => [`${name}.yaml`, configMap(name, '1')]),
);
const kept = ['a', 'b', 'c', 'd'];
const added = ['i', 'j', 'k', 'l'];
const afterwards = Object.fromEntries([
  ...kept.map((name) => [`${name}.yaml`, configMap(name, name === 'a' ? '1' : '2')]),
  ...added.map((name) => [`${name}.yaml`, configMap(name, '2')]),
]);
const gone = ['e', 'f', 'g', 'h'];

interface Run {
  /** Whether the process got to its n-th call at all. */
  readonly hasDied: boolean;
  readonly deletes: readonly string[];
  readonly left: readonly string[];
}

/** First content applied by a healthy process; the second by one that dies; then a healthy one again, with Git away. */
async function runWithDeath(at: number, moment: Moment): Promise<Run> {
  const world = engineWorld();
  await using cluster = startSimulatedCluster({ clock: world.clock, controllers: true });
  const kube = cluster.portAs('agent');
  const prune = { maxObjects: 20, maxPercent: 100 };
  await hold(world, rowFor(world, { files: before, prune }));
  {
    await using engine = startIn(world, kube);
    await untilState(engine, 'shop', 'Ready');
  }
  cluster.writes.clear();
  const next = rowFor(world, { files: afterwards, prune });
  await hold(world, next);
  const hasDied = await liveUntilDeath(world, kube, new Doom(at, moment));
  // Only the fetch of content may have been prevented by the death; everything else has to work without Git.
  if (world.store.peek('content/shop') !== undefined && hasDied)
    world.git.isUp = isFetchNeeded(world, next.variant.digest);
  await using engine = startIn(world, kube);
  await eventually(
    () => engine.reports()[0],
    (report) => report?.state === 'Ready' && report.appliedVariantDigest === next.variant.digest,
    `Ready after a death ${moment} call ${at}`,
  );
  const { items } = await kube.list({ kind: ref('ConfigMap', ''), namespace: 'shop' }, never);
  return {
    hasDied,
    deletes: cluster.writes
      .entries()
      .filter((one) => one.verb === 'delete' && one.isChanged)
      .map((one) => one.ref.name),
    left: items
      .filter(isOurs)
      .map((object) => `${object.metadata.name}=${(object['data'] as { value: string }).value}`),
  };
}

function isFetchNeeded(world: EngineWorld, digest: string): boolean {
  const stored = world.store.peek('content/shop') as { variantDigest: string };
  return stored.variantDigest !== digest;
}

function isOurs(object: KubeObject): boolean {
  return object.metadata.labels?.['flotilla.dev/assignment'] === 'shop';
}

/** Runs at the same time: each spends most of its time waiting. */
const batch = 10;

describe('a process that is killed', () => {
  it.each(['before', 'after'] as const)(
    '%s any of its calls loses nothing, and nothing is deleted twice or without a cause',
    async (moment) => {
      const expected = ['a=1', 'b=2', 'c=2', 'd=2', 'i=2', 'j=2', 'k=2', 'l=2'];
      let points = 0;
      for (let isOver = false; !isOver; points += batch) {
        const numbers = Array.from({ length: batch }, (_, index) => points + index + 1);
        const runs = await Promise.all(numbers.map((at) => runWithDeath(at, moment)));
        for (const run of runs) {
          expect(run.left).toEqual(expected);
          expect([...run.deletes].sort()).toEqual(gone);
        }
        isOver = runs.some((run) => !run.hasDied);
      }
      // Reads of kinds and parents, content, intent, superset, 7 applies, results, 4 deletes, exact set, end: about 30.
      expect(points).toBeGreaterThan(20);
    },
    60_000,
  );
});
