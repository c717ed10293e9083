import { describeError, fullJitterMs, jitter } from '@flotilla/shared/base';
import type { Facts } from '@flotilla/shared/model';
import type { EngineConfig, EngineContext } from './engine-context.ts';

const retryMs = { baseMs: 1_000, capMs: 30_000 };

/** What is known of the cluster as a whole. */
export interface ClusterState {
  /** Discovery and parents were read: assignments can be worked on. */
  isSetUp: boolean;
  /** Why not. */
  problem: string;
  kubernetes: string;
  nodes: number;
}

/** Nothing was asked yet. */
export function newClusterState(): ClusterState {
  return { isSetUp: false, problem: 'the cluster was not asked yet', kubernetes: '', nodes: 0 };
}

/** What the report says about the cluster. */
export function factsOf(
  state: ClusterState,
  more: {
    readonly config: EngineConfig;
    readonly inventoryParent: string;
    readonly fetchRungs: ReadonlyMap<string, string>;
    readonly notes: { readonly [name: string]: string };
  },
): Facts {
  return {
    kubernetes: state.kubernetes,
    nodes: state.nodes,
    agent: more.config.agentVersion,
    isSimulated: more.config.isSimulated,
    fetchRungs: Object.fromEntries(more.fetchRungs),
    inventoryParent: more.inventoryParent,
    more: more.notes,
  };
}

/** Reads what everything rests on; tries until it works, then calls back. */
export async function setUpCluster(
  context: EngineContext,
  options: { readonly state: ClusterState; readonly onReady: () => void; readonly onProblem: () => void },
  signal: AbortSignal,
): Promise<void> {
  const { state } = options;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      await context.discovery.refresh(signal);
      await context.parents.setup(signal);
      await readFacts(context, state, signal);
      state.isSetUp = true;
      context.log.info('cluster is ready', { version: state.kubernetes, kind: context.parents.kind });
      options.onReady();
      return;
    } catch (error) {
      if (signal.aborted) return;
      state.problem = describeError(error);
      context.log.warn('cluster cannot be set up yet', { error, attempt });
      options.onProblem();
      const delayMs = fullJitterMs(attempt, retryMs, context.random);
      await context.clock.sleep(delayMs, signal).catch(() => undefined);
    }
  }
}

/** The safety net below the watches: compares everything at intervals, then has every assignment looked at. */
export async function resyncForever(
  context: EngineContext,
  options: { readonly state: ClusterState; readonly onResync: () => void },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await context.clock
      .sleep(jitter(context.config.resyncMs, 0.2, context.random), signal)
      .catch(() => undefined);
    if (signal.aborted || !options.state.isSetUp) continue;
    try {
      await context.discovery.refresh(signal);
      await context.parents.refresh(signal);
      await readFacts(context, options.state, signal);
      await context.watches.resync(signal);
    } catch (error) {
      if (!signal.aborted) context.log.debug('resync broke off', { error });
    }
    options.onResync();
  }
}

/** Version and size of the cluster, for the report. Rights to see nodes may be missing. */
async function readFacts(context: EngineContext, state: ClusterState, signal: AbortSignal): Promise<void> {
  const { kube } = context.ports;
  state.kubernetes = await kube.serverVersion(signal);
  const nodes = { kind: { group: '', version: 'v1', kind: 'Node' }, metadataOnly: true };
  const listed = await kube.list(nodes, signal).catch(() => undefined);
  signal.throwIfAborted();
  state.nodes = listed?.items.length ?? 0;
}
