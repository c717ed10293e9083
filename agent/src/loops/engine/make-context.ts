import type { PlacementName } from '@flotilla/shared/base';
import { createSlots, type FeedChange, LookUp, openDiscovery, Parents, WatchHub } from '../cluster/index.ts';
import { type HeldMemories, StrayJobs, WantedIndex } from '../reconcile/index.ts';
import type { EngineOptions } from './engine.ts';
import type { EngineContext } from './engine-context.ts';
import type { EngineMetrics } from './engine-metrics.ts';

/** What the parts of the engine ask of it. */
export interface EngineHooks
  extends Pick<
    EngineContext,
    'enqueue' | 'reportChanged' | 'foundationApplied' | 'linkHeardAtMs' | 'fetched'
  > {
  readonly lookAtAll: () => void;
  readonly objectsChanged: (placements: readonly PlacementName[], change: FeedChange) => void;
}

/** Makes what the parts of the engine share. */
export function makeContext(
  { ports, config, log, heldRows }: EngineOptions,
  own: {
    readonly metrics: EngineMetrics;
    readonly held: HeldMemories;
    readonly closed: AbortSignal;
    readonly hooks: EngineHooks;
  },
): EngineContext {
  const { kube, clock, random, store } = ports;
  const { metrics, held, closed, hooks } = own;
  const slots = createSlots(config.apiParallelism);
  const discovery = openDiscovery(kube, clock);
  const watches = new WatchHub({
    kube,
    slots,
    clock,
    random,
    log: log.child({ loop: 'watch' }),
    onChange: hooks.objectsChanged,
    onState: hooks.lookAtAll,
  });
  const ownLog = log.child({ loop: 'reconcile' });
  return {
    ports,
    config,
    clock,
    random,
    log: ownLog,
    metrics,
    heldRows,
    slots,
    discovery,
    watches,
    lookUp: new LookUp({ kube, slots, kinds: () => discovery.kinds }, closed),
    parents: new Parents({ kube, store, discovery, namespace: config.namespace, owner: config.owner }),
    strayJobs: new StrayJobs({ config, log: ownLog, ports, slots }),
    wanted: new WantedIndex(),
    checked: new WantedIndex(),
    memories: held.memories,
    acceptedAtMs: (placement) => held.acceptedAtMs(placement),
    enqueue: hooks.enqueue,
    reportChanged: hooks.reportChanged,
    foundationApplied: hooks.foundationApplied,
    linkHeardAtMs: hooks.linkHeardAtMs,
    fetched: hooks.fetched,
  };
}
