import type { KubeObject } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { startSimulatedCluster } from '../../io/kube-simulated/index.ts';
import type { KubePort, StateStore } from '../../ports.ts';
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

/** Where the process dies: the call is never made, or it is made and its answer never arrives. */
type Moment = 'before' | 'after';

/** A process that dies at its n-th call to the cluster or the store: nothing it does afterwards has an effect. */
class Doom {
  calls = 0;
  readonly #at: number;
  readonly #moment: Moment;
  readonly #died = Promise.withResolvers<void>();
  isDead = false;

  constructor(at: number, moment: Moment) {
    this.#at = at;
    this.#moment = moment;
  }

  get died(): Promise<void> {
    return this.#died.promise;
  }

  /** After the death a call only ends when its caller is taken away. */
  async call<T>(perform: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.isDead) return await untilAborted(signal);
    this.calls += 1;
    if (this.calls !== this.#at) return await perform();
    if (this.#moment === 'after') await perform().catch(() => undefined);
    this.isDead = true;
    this.#died.resolve();
    return await untilAborted(signal);
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function doomedKube(kube: KubePort, doom: Doom): KubePort {
  return {
    serverVersion: (signal) => kube.serverVersion(signal),
    discover: (options, signal) => kube.discover(options, signal),
    get: (target, signal) => doom.call(() => kube.get(target, signal), signal),
    list: (selection, signal) => doom.call(() => kube.list(selection, signal), signal),
    watch: (selection, version, signal) => kube.watch(selection, version, signal),
    apply: (object, options, signal) => doom.call(() => kube.apply(object, options, signal), signal),
    create: (object, options, signal) => doom.call(() => kube.create(object, options, signal), signal),
    mergePatch: async (target, patch, options, signal) =>
      doom.call(() => kube.mergePatch(target, patch, options, signal), signal),
    delete: (target, options, signal) => doom.call(() => kube.delete(target, options, signal), signal),
    close: () => kube.close(),
  };
}

function doomedStore(store: EngineWorld['store'], doom: Doom): StateStore {
  return {
    damage: [],
    read: (key, signal) => store.read(key, signal),
    write: (key, value, signal) => doom.call(() => store.write(key, value, signal), signal),
    remove: (key, signal) => doom.call(() => store.remove(key, signal), signal),
    list: (prefix, signal) => store.list(prefix, signal),
  };
}

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
  const doom = new Doom(at, moment);
  const hasDied = await liveUntilDeath(
    { ...world, store: doomedStore(world.store, doom) as EngineWorld['store'] },
    doomedKube(kube, doom),
    doom,
  );
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

/** True when the process died; false when it came to the end of its work first. */
async function liveUntilDeath(world: EngineWorld, kube: KubePort, doom: Doom): Promise<boolean> {
  await using engine = startIn(world, kube);
  const isDone = eventually(
    () => engine.reports()[0],
    (report) => doom.isDead || report?.state === 'Ready',
  );
  await Promise.race([doom.died, isDone]);
  const { isDead } = doom;
  // A killed process does not say goodbye: whatever its end would still do has no effect.
  doom.isDead = true;
  return isDead;
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
