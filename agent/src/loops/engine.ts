import type { PlacementName } from '@flotilla/shared/base';
import { limits } from '@flotilla/shared/base';
import {
  createMetrics,
  type Logger,
  type Loop,
  type LoopOutcome,
  type Metrics,
  startLoop,
} from '@flotilla/shared/kit';
import type { AssignmentReport, Facts } from '@flotilla/shared/model';
import { groupKindKey } from '@flotilla/shared/model';
import { judgeObject } from '../core/index.ts';
import { createSlots } from './api-slots.ts';
import type { AssignmentMemory } from './assignment-memory.ts';
import { clearAttempts } from './assignment-memory.ts';
import { updateReport } from './assignment-status.ts';
import { type ClusterState, newClusterState, resyncForever, setUpCluster } from './cluster-setup.ts';
import { openDiscovery } from './discovery.ts';
import type { EngineConfig, EngineContext, EnginePorts, SessionHooks } from './engine-context.ts';
import { defineEngineMetrics, type EngineMetrics } from './engine-metrics.ts';
import type { FeedChange } from './feed-cache.ts';
import { HeldMemories } from './held-memories.ts';
import type { HeldRows } from './held-rows.ts';
import { watchNeeds } from './live-view.ts';
import { LookUp } from './look-up.ts';
import { Parents } from './parents.ts';
import { waitsForFoundation } from './plan-rounds.ts';
import { adoptParentScope, reconcileAssignment } from './reconcile.ts';
import { Reporter } from './report.ts';
import { StatusObjects } from './status-objects.ts';
import { WantedIndex } from './wanted-index.ts';
import { WatchHub } from './watch-hub.ts';

/** What the engine is made from. */
export interface EngineOptions {
  readonly ports: EnginePorts;
  readonly heldRows: HeldRows;
  readonly session: SessionHooks;
  readonly config: EngineConfig;
  readonly log: Logger;
  /** Where its metrics are defined; a registry of its own when not given. */
  readonly metrics?: Metrics;
}

/** The reconciler of one cluster: from held rows to a converged cluster and reports about it. */
export interface Engine extends AsyncDisposable {
  /** The cluster was reached and assignments are being worked on. */
  readonly isReady: boolean;
  /** Sequence of the newest report, for heartbeats. */
  lastSeq(): number;
  /** The state of every held row, sorted by placement. */
  reports(): readonly AssignmentReport[];
  facts(): Facts;
  /** Looks at one assignment, or at all, at once; what failed is tried again. */
  reconcileNow(placement?: PlacementName): void;
}

/** Starts the engine. It works until it is disposed of; nothing that goes wrong with a cluster or an assignment ends it. */
export function startEngine(options: EngineOptions): Engine {
  return new RunningEngine(options);
}

/** Backoff of a look that broke off by a mistake of ours; failures of assignments have their own. */
const brokenMs = { baseMs: 5_000, capMs: 300_000 };

class RunningEngine implements Engine {
  readonly #options: EngineOptions;
  readonly #metrics: EngineMetrics;
  readonly #closed = new AbortController();
  readonly #held: HeldMemories;
  readonly #cluster: ClusterState = newClusterState();
  readonly #fetchRungs = new Map<string, string>();
  readonly #context: EngineContext;
  readonly #loop: Loop<PlacementName>;
  readonly #reporter: Reporter;
  readonly #statusObjects: StatusObjects;
  readonly #unsubscribe: readonly (() => void)[];
  readonly #running: Promise<unknown>;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#metrics = defineEngineMetrics(options.metrics ?? createMetrics());
    this.#held = new HeldMemories(options.heldRows, () => options.ports.clock.nowMs());
    this.#context = this.#makeContext();
    this.#statusObjects = new StatusObjects(this.#context);
    this.#reporter = this.#makeReporter();
    this.#loop = this.#startLoop();
    this.#unsubscribe = [
      options.heldRows.onChange((placements) => this.#rowsChanged(placements)),
      options.session.onWantReport(() => this.#reporter.wanted()),
    ];
    this.#running = this.#run();
  }

  get isReady(): boolean {
    return this.#cluster.isSetUp;
  }

  lastSeq(): number {
    return this.#reporter.lastSeq;
  }

  reports(): readonly AssignmentReport[] {
    return this.#held.reports();
  }

  facts(): Facts {
    const { config } = this.#options;
    return {
      kubernetes: this.#cluster.kubernetes,
      nodes: this.#cluster.nodes,
      agent: config.agentVersion,
      isSimulated: config.isSimulated,
      fetchRungs: Object.fromEntries(this.#fetchRungs),
      inventoryParent: this.#cluster.isSetUp ? this.#context.parents.kind : '',
      more: {},
    };
  }

  reconcileNow(placement?: PlacementName): void {
    const memories = placement === undefined ? this.#held.all() : [this.#held.get(placement)];
    for (const memory of memories) {
      if (memory === undefined) continue;
      clearAttempts(memory);
      this.#loop.add(memory.placement);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#unsubscribe) end();
    this.#closed.abort(new Error('the agent is stopping'));
    await this.#loop.ended;
    await this.#context.watches.stop();
    await this.#running;
  }

  #makeContext(): EngineContext {
    const { ports, config, log, heldRows } = this.#options;
    const { kube, clock, random, store } = ports;
    const slots = createSlots(config.apiParallelism);
    const discovery = openDiscovery(kube, clock);
    const watches = new WatchHub({
      kube,
      slots,
      clock,
      random,
      log: log.child({ loop: 'watch' }),
      onChange: (placements, change) => this.#objectsChanged(placements, change),
      onState: () => this.#lookAtAll(),
    });
    return {
      ports,
      config,
      clock,
      random,
      log: log.child({ loop: 'reconcile' }),
      metrics: this.#metrics,
      heldRows,
      slots,
      discovery,
      watches,
      lookUp: new LookUp({ kube, slots, kinds: () => discovery.kinds }, this.#closed.signal),
      parents: new Parents({ kube, store, discovery, namespace: config.namespace }),
      wanted: new WantedIndex(),
      memories: this.#held.memories,
      acceptedAtMs: (placement) => this.#held.acceptedAtMs(placement),
      enqueue: (placement) => void this.#loop.add(placement),
      reportChanged: (memory) => this.#reportChanged(memory),
      foundationApplied: () => this.#foundationChanged(),
      fetched: (host, rung) => void this.#fetchRungs.set(host, rung),
    };
  }

  #makeReporter(): Reporter {
    const { ports, config, session, heldRows, log } = this.#options;
    return new Reporter({
      ports,
      config,
      session,
      heldRows,
      metrics: this.#metrics,
      log: log.child({ loop: 'report' }),
      reports: () => this.reports(),
      facts: () => this.facts(),
    });
  }

  #startLoop(): Loop<PlacementName> {
    const { ports, config, log } = this.#options;
    return startLoop<PlacementName>(
      {
        name: 'reconcile',
        clock: ports.clock,
        random: ports.random,
        log: log.child({ loop: 'reconcile' }),
        reconcile: (placement, signal) => this.#lookAt(placement, signal),
        parallelism: config.assignmentParallelism,
        backoff: brokenMs,
        keysMax: limits.assignmentsPerClusterMax,
        onOutcome: (_placement, _outcome, durationMs) =>
          this.#metrics.reconcileSeconds.observe(durationMs / 1_000),
      },
      this.#closed.signal,
    );
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed;
    const state = this.#cluster;
    const lookAtAll = () => this.#lookAtAll();
    await Promise.all([
      this.#reporter.run(signal),
      this.#statusObjects.run(signal),
      setUpCluster(this.#context, { state, onReady: lookAtAll, onProblem: lookAtAll }, signal),
      resyncForever(this.#context, { state, onResync: () => this.#resynced() }, signal),
    ]);
  }

  async #lookAt(placement: PlacementName, signal: AbortSignal): Promise<LoopOutcome> {
    const memory = this.#held.adopt(placement);
    if (memory === undefined) {
      this.#context.wanted.set(placement, []);
      this.#reporter.changed();
      return { kind: 'done' };
    }
    if (this.#cluster.isSetUp) return await reconcileAssignment(this.#context, memory, signal);
    memory.trouble = { code: 'ApiUnreachable', text: this.#cluster.problem, isFinal: false };
    updateReport(this.#context, memory);
    memory.trouble = undefined;
    return { kind: 'done' };
  }

  #rowsChanged(placements: readonly PlacementName[]): void {
    for (const placement of placements) {
      this.#held.rowChanged(placement);
      this.#loop.add(placement);
    }
    this.#reporter.changed();
  }

  #objectsChanged(placements: readonly PlacementName[], change: FeedChange): void {
    for (const placement of placements)
      if (this.#held.get(placement) !== undefined) this.#loop.add(placement);
    if (isNewDefinition(change)) this.#definitionEstablished();
  }

  #reportChanged(memory: AssignmentMemory): void {
    this.#reporter.changed();
    this.#statusObjects.changed(memory.placement);
  }

  /** A kind became known: discovery is asked before anybody waits for it again. */
  #definitionEstablished(): void {
    const { discovery, log } = this.#context;
    discovery.refresh(this.#closed.signal).then(
      () => this.#foundationChanged(),
      (error: unknown) => log.debug('discovery failed', { error }),
    );
  }

  #foundationChanged(): void {
    for (const memory of this.#held.all().filter(waitsForFoundation)) {
      clearAttempts(memory);
      this.#loop.add(memory.placement);
    }
  }

  #lookAtAll(): void {
    for (const row of this.#options.heldRows.all()) this.#loop.add(row.placement);
  }

  #resynced(): void {
    const { watches, parents } = this.#context;
    const used = new Set<string>();
    for (const memory of this.#held.all()) {
      for (const need of watchNeeds(this.#context, memory)) used.add(groupKindKey(need.kind));
      // Nobody works on it at this moment: a look in between would have its own answer.
      const parent = parents.get(memory.placement);
      if (memory.preempt === undefined && memory.isLoaded)
        adoptParentScope(memory, parent?.reading.kind === 'ours' ? parent.reading.scope : undefined);
    }
    this.#metrics.watchedObjects.set(watches.size);
    // Stopping a watch only ends a request; nothing waits for it.
    watches.retain(used).catch(() => undefined);
    this.#lookAtAll();
  }
}

/** A definition whose kind was not served before and is now. */
function isNewDefinition({ before, after }: FeedChange): boolean {
  if (after?.ref.kind !== 'CustomResourceDefinition') return false;
  const isReady = (live: typeof after | undefined) =>
    live !== undefined && judgeObject(live.body, true, 0).status === 'Current';
  return isReady(after) && !isReady(before);
}
