import type { KubePort, StateStore } from '../../ports.ts';
import type { Engine } from './engine.ts';
import { type EngineWorld, eventually, startIn } from './engine-world-fixture.ts';

/** Test only: where the process dies: the call is never made, or it is made and its answer never arrives. */
export type Moment = 'before' | 'after';

/** Test only: a process that dies at its n-th call to the cluster or the store: nothing it does afterwards has an effect. */
export class Doom {
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

/**
 * Test only: lives until the doom, or until its work is done (default: until Ready). True when the process died; false when it
 * came to the end of its work first.
 */
export async function liveUntilDeath(
  world: EngineWorld,
  kube: KubePort,
  ...[doom, isDone = isReady]: readonly [doom: Doom, isDone?: (engine: Engine) => boolean]
): Promise<boolean> {
  // The fake's own questions are asked of the world's store: the process sees the port.
  const store = doomedStore(world.store, doom) as EngineWorld['store'];
  await using engine = startIn({ ...world, store }, doomedKube(kube, doom));
  const isOver = eventually(
    () => doom.isDead || isDone(engine),
    (isSo) => isSo,
  );
  await Promise.race([doom.died, isOver]);
  const { isDead } = doom;
  // A killed process does not say goodbye: whatever its end would still do has no effect.
  doom.isDead = true;
  return isDead;
}

function isReady(engine: Engine): boolean {
  return engine.reports()[0]?.state === 'Ready';
}
