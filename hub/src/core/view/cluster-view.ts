import type { PlacementName } from '@flotilla/shared/base';
import type {
  AssignmentReport,
  ContestedObject,
  Presence,
  RejectedRow,
  Report,
} from '@flotilla/shared/model';

/** What the hub knows of one cluster from its stream and its reports; in memory only, one for each registered cluster. */
export interface ClusterView {
  readonly presence: Presence;
  /** Milliseconds, the hub's wall clock. */
  readonly presenceSinceMs: number;
  /** The newest report folded. */
  readonly report: Report | undefined;
  /** Its entries by placement. */
  readonly byPlacement: ReadonlyMap<PlacementName, AssignmentReport>;
  /** What others want of what a placement has there, by the owner; without those that nobody disputes. Absent = nothing. */
  readonly contested?: ReadonlyMap<string, readonly ContestedObject[]> | undefined;
  /** When the bus stored that report, milliseconds. */
  readonly reportStoredAtMs: number;
  /** The report that the agent says is its newest, from the last heartbeat or Hello of the current stream. */
  readonly announced: ReportVersion | undefined;
  /** Newest NACK of each placement. */
  readonly rejected: ReadonlyMap<PlacementName, RejectedRow>;
}

/** Position of a report; compared as a pair. */
export interface ReportVersion {
  readonly incarnation: number;
  readonly seq: number;
}
