import type { PlacementName } from '@flotilla/shared/base';
import type { Logger, Metrics } from '@flotilla/shared/kit';
import type { AssignmentReport, Facts } from '@flotilla/shared/model';
import type { HeldRows } from '../held-rows.ts';
import type { EngineConfig, EnginePorts, SessionHooks } from './engine-context.ts';

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
