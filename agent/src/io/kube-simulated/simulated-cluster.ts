import type { Clock, Random } from '@flotilla/shared/base';
import { limits, seededRandom } from '@flotilla/shared/base';
import type { KubePort } from '../../kube-port.ts';
import type { ClusterState, Controllers, ControllerTiming } from './core/index.ts';
import { createControllers, createState, seedCluster } from './core/index.ts';
import type { RefusalRule, SimulatedFaults } from './faults.ts';
import { openSimulatedPort } from './simulated-port.ts';
import type { WriteLog } from './write-log.ts';
import { createWriteLog } from './write-log.ts';

/** What a simulated cluster can be told. */
export interface SimulatedClusterOptions {
  readonly clock: Clock;
  /** Uids and generated names come from here. Default: a fixed seed. */
  readonly random?: Random;
  /** Added to every request. Default 0. */
  readonly latencyMs?: number;
  /** Defaults: controllers 2 ms, pods start in 30 ms and stop in 10 ms, pods of a Job run for 20 ms. */
  readonly timing?: Partial<ControllerTiming>;
  /** False: no controllers run, as on an API server alone. Default true. */
  readonly controllers?: boolean;
  /** Changes remembered for watches. Default limits.simulatedHistoryMax. */
  readonly historyMax?: number;
  /** Writes remembered in the log. Default limits.simulatedWritesMax. */
  readonly writesMax?: number;
  /** Silence on a watch after which a bookmark comes. Default 60 s, as the API server does. */
  readonly bookmarkMs?: number;
}

/** One simulated cluster in this process: an API server, controllers and two nodes. */
export interface SimulatedCluster extends AsyncDisposable {
  /** Opens a port for a user; the user's name is what the write log shows. */
  portAs(user: string): KubePort;
  readonly writes: WriteLog;
  readonly faults: SimulatedFaults;
  /** Number of stored objects. */
  objectCount(): number;
  /** Ends watches and controllers; requests then fail. */
  close(): Promise<void>;
}

/** Why a nap ended; made once, because an abort without a reason makes an exception with a stack each time. */
const wokenUp = new Error('something became due');

const defaultTiming: ControllerTiming = { controllerMs: 2, podStartMs: 30, podStopMs: 10, jobPodMs: 20 };

/** Version that a simulated cluster says it is: that of the recorded answers (test/contracts/kube/recorded). */
export const simulatedVersion = 'v1.36.3';

/** Starts a simulated cluster. It holds what a fresh real one holds of the kinds that are simulated. */
export function startSimulatedCluster(options: SimulatedClusterOptions): SimulatedCluster {
  return new InProcessCluster(options);
}

class InProcessCluster implements SimulatedCluster {
  readonly writes: WriteLog;
  readonly faults: SimulatedFaults;
  readonly #state: ClusterState;
  readonly #options: SimulatedClusterOptions;
  readonly #log;
  readonly #closed = new AbortController();
  readonly #rules = new Set<RefusalRule>();
  readonly #controllers: Controllers;
  #drop = new AbortController();
  #isReachable = true;
  #wake = (): void => {};
  #failure: unknown;

  constructor(options: SimulatedClusterOptions) {
    const { clock } = options;
    this.#options = options;
    this.#log = createWriteLog(options.writesMax);
    this.writes = this.#log;
    this.#state = createState({
      wallMs: () => clock.wallMs(),
      random: options.random ?? seededRandom(1),
      historyMax: options.historyMax ?? limits.simulatedHistoryMax,
    });
    const timing = { ...defaultTiming, ...options.timing };
    const time = { nowMs: () => clock.nowMs(), onDue: () => this.#wake() };
    this.#controllers = createControllers(this.#state, timing, time);
    this.#controllers.setRunning(options.controllers ?? true);
    seedCluster(this.#state);
    this.#controllers.enqueueAll(clock.nowMs());
    this.faults = this.#makeFaults();
    this.#runControllers().catch((error: unknown) => {
      // A fault of the simulation itself: whoever asks next gets it, instead of a cluster that silently stands still.
      this.#failure = error;
    });
  }

  portAs(user: string): KubePort {
    return openSimulatedPort(
      {
        state: this.#state,
        clock: this.#options.clock,
        latencyMs: this.#options.latencyMs ?? 0,
        bookmarkMs: this.#options.bookmarkMs ?? 60_000,
        gitVersion: simulatedVersion,
        log: this.#log,
        isReachable: () => {
          if (this.#failure !== undefined) throw this.#failure;
          return this.#isReachable && !this.#closed.signal.aborted;
        },
        rules: () => [...this.#rules],
        dropSignal: () => this.#drop.signal,
      },
      user,
    );
  }

  objectCount(): number {
    return this.#state.store.count();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#drop.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #makeFaults(): SimulatedFaults {
    const dropWatches = () => {
      this.#drop.abort();
      this.#drop = new AbortController();
    };
    return {
      dropWatches,
      expireVersions: () => this.#state.store.forgetHistory(),
      setReachable: (isReachable) => {
        this.#isReachable = isReachable;
        if (!isReachable) dropWatches();
      },
      refuse: (rule) => {
        this.#rules.add(rule);
        return () => this.#rules.delete(rule);
      },
      setControllersRunning: (isRunning) => {
        this.#controllers.setRunning(isRunning);
        if (isRunning) this.#controllers.enqueueAll(this.#options.clock.nowMs());
        this.#wake();
      },
    };
  }

  /** One loop for all controllers: sleeps until something is due, does it, sleeps again. */
  async #runControllers(): Promise<void> {
    const { clock } = this.#options;
    const closed = new Promise<void>((resolve) => {
      this.#closed.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    while (!this.#closed.signal.aborted) {
      const nap = new AbortController();
      const woken = new Promise<void>((resolve) => {
        this.#wake = () => {
          nap.abort(wokenUp);
          resolve();
        };
      });
      const dueMs = this.#controllers.nextDueMs();
      if (dueMs !== undefined && dueMs <= clock.nowMs()) {
        this.#controllers.runDue(clock.nowMs());
        continue;
      }
      const stop = AbortSignal.any([nap.signal, this.#closed.signal]);
      if (dueMs === undefined) await Promise.race([woken, closed]);
      else await clock.sleep(Math.max(0, dueMs - clock.nowMs()), stop).catch(() => {});
    }
  }
}
