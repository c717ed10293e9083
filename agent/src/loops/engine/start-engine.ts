import type { PlacementName } from '@flotilla/shared/base';
import { limits } from '@flotilla/shared/base';
import { createMetrics, type Loop, type LoopOutcome, startLoop } from '@flotilla/shared/kit';
import type { AssignmentReport, Facts } from '@flotilla/shared/model';
import { groupKindKey } from '@flotilla/shared/model';
import type { FeedChange } from '../cluster/index.ts';
import { isNewDefinition } from '../cluster/index.ts';
import type { AssignmentMemory } from '../reconcile/index.ts';
import {
  adoptParentScope,
  askSoon,
  clearAttempts,
  HeldMemories,
  reconcileAssignment,
  updateReport,
  waitsForFoundation,
  watchNeeds,
} from '../reconcile/index.ts';
import { Reporter, StatusObjects } from '../report/index.ts';
import { type ClusterState, factsOf, newClusterState, resyncForever, setUpCluster } from './cluster-setup.ts';
import type { Engine, EngineOptions } from './engine.ts';
import type { EngineContext } from './engine-context.ts';
import { countStates, defineEngineMetrics, type EngineMetrics } from './engine-metrics.ts';
import { makeContext } from './make-context.ts';

/** Starts the engine. It works until it is disposed of; nothing that goes wrong with a cluster or an assignment ends it. */
export function startEngine(options: EngineOptions): Engine {
  return new RunningEngine(options);
}

/** Of a look that broke off by a mistake of ours. */
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
    const { config, ports } = this.#options;
    const orphans = this.#held.orphans();
    const damage = ports.store.damage.at(-1);
    return factsOf(this.#cluster, {
      config,
      inventoryParent: this.isReady ? this.#context.parents.kind : '',
      fetchRungs: this.#fetchRungs,
      notes: { ...(orphans === '' ? {} : { orphans }), ...(damage === undefined ? {} : { store: damage }) },
    });
  }

  reconcileNow(placement?: PlacementName): void {
    const isMeant = (memory: AssignmentMemory) => placement === undefined || memory.placement === placement;
    this.#tryAgain(this.#held.all().filter(isMeant));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#unsubscribe) end();
    this.#closed.abort(new Error('the agent is stopping'));
    await this.#loop.ended;
    await this.#context.watches.stop();
    await this.#running;
  }

  #makeContext(): EngineContext {
    return makeContext(this.#options, {
      metrics: this.#metrics,
      held: this.#held,
      closed: this.#closed.signal,
      hooks: {
        enqueue: (placement) => void this.#loop.add(placement),
        lookAtAll: () => this.#lookAtAll(),
        objectsChanged: (placements, change) => this.#objectsChanged(placements, change),
        reportChanged: (memory) => this.#reportChanged(memory),
        foundationApplied: () => this.#foundationChanged(),
        linkHeardAtMs: () => this.#linkHeardAtMs(),
        fetched: (host, rung) => void this.#fetchRungs.set(host, rung),
      },
    });
  }

  /** The later of both: one of them is enough to be told what to mend. */
  #linkHeardAtMs(): number | undefined {
    const times = [this.#options.session.heardAtMs(), this.#reporter.busHeardAtMs].filter(
      (time) => time !== undefined,
    );
    return times.length === 0 ? undefined : Math.max(...times);
  }

  #makeReporter(): Reporter {
    return new Reporter({
      ...this.#options,
      metrics: this.#metrics,
      log: this.#options.log.child({ loop: 'report' }),
      reports: () => countStates(this.reports(), this.#metrics),
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
    const [state, lookAtAll] = [this.#cluster, () => this.#lookAtAll()];
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
      for (const other of this.#context.wanted.set(placement, [])) this.#loop.add(other);
      this.#context.checked.set(placement, []);
      this.#context.watches.keepWhole(placement, []);
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
      // Its priority, or that it is suspended or removed, decides who may have what others want, too.
      for (const other of this.#context.wanted.rivalsOf(placement)) this.#loop.add(other);
    }
    this.#reporter.changed();
  }

  #objectsChanged(placements: readonly PlacementName[], change: FeedChange): void {
    // Whoever wants the object is concerned, also when it carries another assignment's label or none.
    const key = (change.after ?? change.before)?.key ?? '';
    const wanting = this.#context.wanted.placementsOf(key);
    const checking = [...this.#context.checked.placementsOf(key)];
    for (const placement of new Set([...placements, ...wanting, ...checking])) {
      const memory = this.#held.get(placement);
      if (memory === undefined) continue;
      if (checking.includes(placement)) askSoon(memory.checks);
      this.#loop.add(placement);
    }
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
    this.#tryAgain(this.#held.all().filter(waitsForFoundation));
  }

  #tryAgain(memories: readonly AssignmentMemory[]): void {
    for (const memory of memories) {
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
      // Only while nobody works on it: a look in between has its own answer.
      const reading = parents.get(memory.placement)?.reading;
      if (memory.preempt === undefined && memory.isLoaded)
        adoptParentScope(memory, reading?.kind === 'ours' ? reading.scope : undefined);
    }
    this.#metrics.watchedObjects.set(watches.size);
    // Stopping a watch only ends a request; nothing waits for it.
    watches.retain(used).catch(() => undefined);
    this.#lookAtAll();
  }
}
