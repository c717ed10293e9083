import type { KubeObject, Row } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { startSimulatedCluster } from '../../io/kube-simulated/index.ts';
import type { KubePort } from '../../ports.ts';
import { Doom, liveUntilDeath, type Moment } from './doom-fixture.ts';
import {
  configMap,
  type EngineWorld,
  engineWorld,
  hold,
  never,
  ref,
  removalFor,
  rowFor,
  startIn,
  untilState,
} from './engine-world-fixture.ts';

const filesOf = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [`${name}.yaml`, configMap(name, '1')]));

/** What `old` has at first, and what the heir wants of it and besides. */
const before = filesOf('a', 'b', 'c', 'd');
const after = { ...filesOf('b', 'c', 'd', 'e'), 'c.yaml': configMap('c', '2') };

type Ending = 'removed' | 'stays';

/** The rows of the moment in which the heir comes. */
function transfer(world: EngineWorld, ending: Ending): readonly Row[] {
  const takeOverFrom = rowFor(world, { placement: 'old', files: before }).placement;
  const heir = rowFor(world, { placement: 'heir', files: after, apply: { takeOverFrom } });
  return ending === 'removed' ? [removalFor('old'), heir] : [heir];
}

interface Run {
  readonly hasDied: boolean;
  /** Names of the ConfigMaps that were deleted. */
  readonly deletes: readonly string[];
  /** `name=value` of what the heir has. */
  readonly heirs: readonly string[];
  /** Those that `old` had and the heir wants are the same objects as before. */
  readonly isSame: boolean;
}

async function runWithDeath(at: number, moment: Moment, ending: Ending): Promise<Run> {
  const world = engineWorld();
  await using cluster = startSimulatedCluster({ clock: world.clock, controllers: true });
  const kube = cluster.portAs('agent');
  await hold(world, rowFor(world, { placement: 'old', files: before }));
  {
    await using engine = startIn(world, kube);
    await untilState(engine, 'old', 'Ready');
  }
  const uids = await uidsOf(kube);
  cluster.writes.clear();
  await hold(world, ...transfer(world, ending));
  const loserEnds = ending === 'removed' ? 'Removed' : 'Stalled';
  const hasDied = await liveUntilDeath(world, kube, new Doom(at, moment), (engine) => {
    const states = new Map(engine.reports().map((one) => [one.placement as string, one.state]));
    return states.get('heir') === 'Ready' && states.get('old') === loserEnds;
  });
  await using engine = startIn(world, kube);
  await untilState(engine, 'heir', 'Ready');
  await untilState(engine, 'old', loserEnds);
  const { items } = await kube.list({ kind: ref('ConfigMap', ''), namespace: 'shop' }, never);
  const now = await uidsOf(kube);
  return {
    hasDied,
    deletes: cluster.writes
      .entries()
      .filter((one) => one.verb === 'delete' && one.isChanged && one.ref.kind === 'ConfigMap')
      .map((one) => one.ref.name),
    heirs: items.filter((one) => ownerOf(one) === 'heir').map(textOf),
    isSame: ['b', 'c', 'd'].every((name) => now.get(name) === uids.get(name)),
  };
}

async function uidsOf(kube: KubePort): Promise<ReadonlyMap<string, string | undefined>> {
  const { items } = await kube.list({ kind: ref('ConfigMap', ''), namespace: 'shop' }, never);
  return new Map(items.map(({ metadata }) => [metadata.name, metadata.uid]));
}

const ownerOf = ({ metadata }: KubeObject) => metadata.labels?.['flotilla.dev/assignment'];
const textOf = (object: KubeObject) =>
  `${object.metadata.name}=${(object['data'] as { readonly value: string }).value}`;

/** Runs at the same time: each spends most of its time waiting. */
const batch = 10;

describe('a take-over whose process is killed', () => {
  it.each([
    ['before', 'removed'],
    ['after', 'removed'],
    ['after', 'stays'],
  ] as const)(
    '%s any of its calls moves every object once; the one before is %s; nothing that moves is deleted',
    async (moment, ending) => {
      let points = 0;
      for (let isOver = false; !isOver; points += batch) {
        const numbers = Array.from({ length: batch }, (_, index) => points + index + 1);
        const runs = await Promise.all(numbers.map((at) => runWithDeath(at, moment, ending)));
        for (const run of runs) {
          expect(run.heirs).toEqual(['b=1', 'c=2', 'd=1', 'e=1']);
          expect(run.isSame).toBe(true);
          // What the heir does not want goes with its owner, once.
          expect(run.deletes).toEqual(ending === 'removed' ? ['a'] : []);
        }
        isOver = runs.some((run) => !run.hasDied);
      }
      expect(points).toBeGreaterThan(10);
    },
    90_000,
  );
});
