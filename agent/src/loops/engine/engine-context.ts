import type { Clock, PlacementName, Random } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';
import type { ObjectRef, Report } from '@flotilla/shared/model';
import type { LocalPolicy, SetOwner } from '../../core/index.ts';
import type { AgentPorts } from '../../ports.ts';
import type { ApiSlots, Discovery, LookUp, Parents, WatchHub } from '../cluster/index.ts';
import type { HeldRows } from '../held-rows.ts';
import type { AssignmentMemory, StrayJobs, WantedIndex } from '../reconcile/index.ts';
import type { EngineMetrics } from './engine-metrics.ts';

/** The ports that the engine uses; the hub's stream is the session loop's. */
export type EnginePorts = Omit<AgentPorts, 'hub'>;

/** What the engine needs of the session loop. */
export interface SessionHooks {
  /** This agent's incarnation; at least 1. It may grow when a hub knows a higher one. */
  incarnation(): number;
  /** Sends a report over the hub's stream; false when none is open. */
  sendReport(report: Report): boolean;
  /** Monotonic: when the hub was last heard, whatever it said; undefined = never. */
  heardAtMs(): number | undefined;
  /** Calls back when the hub asks for a report; returns the function that ends it. */
  onWantReport(listener: () => void): () => void;
}

/** Settings of the engine. Everything has been checked and has its default. */
export interface EngineConfig {
  /** Version of this program, for the ApplySet's tooling annotation and the facts. */
  readonly agentVersion: string;
  /** Who this agent is on the parents of its sets: sets of others are left alone. */
  readonly owner: SetOwner;
  /** What the fleet calls this cluster, for messages. */
  readonly clusterName: string;
  /** The agent's own namespace. Nothing may be applied there. */
  readonly namespace: string;
  /** Everything is compared again after so long, ± 20 %. Default of the product: 10 min. */
  readonly resyncMs: number;
  /** The status bus must be away so long before reports go over the hub's stream. Default of the product: 1 min. */
  readonly streamFallbackMs: number;
  /** Requests to the API server at the same time. Default of the product: 16. */
  readonly apiParallelism: number;
  /** Assignments worked on at the same time. Default of the product: 32. */
  readonly assignmentParallelism: number;
  readonly isSimulated: boolean;
  /** What the cluster accepts, whatever the hub says. Default: everything. */
  readonly policy?: LocalPolicy | undefined;
}

/** What the parts of the engine share. */
export interface EngineContext {
  readonly ports: EnginePorts;
  readonly config: EngineConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: EngineMetrics;
  readonly heldRows: HeldRows;
  readonly slots: ApiSlots;
  readonly discovery: Discovery;
  readonly watches: WatchHub;
  readonly lookUp: LookUp;
  readonly parents: Parents;
  readonly strayJobs: StrayJobs;
  readonly wanted: WantedIndex;
  /** Which assignments' checks are about which objects. */
  readonly checked: WantedIndex;
  readonly memories: ReadonlyMap<PlacementName, AssignmentMemory>;
  /** Monotonic time at which the newest row of a placement was accepted; undefined = before the start. */
  readonly acceptedAtMs: (placement: PlacementName) => number | undefined;
  /** Asks for a look at an assignment. */
  readonly enqueue: (placement: PlacementName) => void;
  /** The report on an assignment changed. */
  readonly reportChanged: (memory: AssignmentMemory) => void;
  /** A namespace or definition was applied: assignments that wait for one are looked at again. */
  readonly foundationApplied: (ref: ObjectRef) => void;
  /** Monotonic: when hub or bus was last heard; undefined = never. */
  readonly linkHeardAtMs: () => number | undefined;
  /** Notes which way of fetching a host allowed. */
  readonly fetched: (host: string, rung: string) => void;
}
