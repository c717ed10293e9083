import type { ClusterName, ClusterUid, Digest, HubId } from '@flotilla/shared/base';
import type { Presence, RejectedRow, Report, Row, RowClaim } from '@flotilla/shared/model';
import type { HeldRow, HubAlarm, HubHealth, OnceHeard } from '../core/index.ts';

/** What sessions ask of the hub process they live in. Everything but the two promises answers from memory, at once. */
export interface SessionWorld {
  readonly hubId: HubId;
  readonly hubVersion: string;
  /** Whether this process may speak for the fleet: Git, log and registrations are loaded. The reason is for people. */
  readiness(): { readonly kind: 'ready' } | { readonly kind: 'not-ready'; readonly reason: string };
  /** The fleet's epoch, at least 1. */
  epoch(): number;
  /** Last sequence folded. `desiredRows` reflects exactly the decisions up to here. */
  foldedSeq(): number;
  /** Whether the log's event of a sequence is the one of this hash; undefined = this process cannot say. */
  isLogged(seq: number, eventHash: Digest): boolean | undefined;
  /** The log's last sequence, read now. Rejects when the log cannot be reached. */
  readLogEnd(signal: AbortSignal): Promise<number>;
  /** Every row for a cluster, removals included, with proof, sorted by placement. Asked once for each change. */
  desiredRows(cluster: ClusterUid): readonly Row[];
  /** Undefined = not registered, as far as this process knows. */
  cluster(
    cluster: ClusterUid,
  ): { readonly name: ClusterName; readonly labels: { readonly [key: string]: string } } | undefined;
  /** Every registered cluster. */
  clusters(): Iterable<ClusterUid>;
  /** The newest report folded of a cluster. */
  foldedReport(cluster: ClusterUid): { readonly incarnation: number; readonly seq: number } | undefined;
  /** Every registered cluster that was given rows or has reported. */
  onceHeard(): readonly OnceHeard[];
  /** Rows that the cluster's agent refused and that stand: nothing newer was said of them. */
  rejections(cluster: ClusterUid): readonly RejectedRow[];
  /** Publishes a report that came over a stream on its cluster's own subject: one path for evidence. */
  publishReport(cluster: ClusterUid, report: Report, signal: AbortSignal): Promise<void>;
  /** HMAC-SHA-256 in hex by the row key. */
  macRow(input: string): Digest;
  /** Tells what changed; undefined = readiness, registrations or anything else. Returns the unsubscribe function. */
  onChange(listener: (rowsOf: readonly ClusterUid[] | undefined) => void): () => void;
  /** Takes what streams prove. Must not throw. */
  onEvidence(cluster: ClusterUid, evidence: SessionEvidence): void;
  /** Takes where a cluster stands, whenever that changes. Must not throw. */
  onPresence(cluster: ClusterUid, seen: SeenCluster): void;
  /** Takes whether this process itself seems broken, whenever that changes: one alarm, waves freeze. Must not throw. */
  onHubHealth(health: HubHealth): void;
}

/** What a stream proved about its cluster. */
export type SessionEvidence =
  /** Hello: what the agent is, and the rows that it provably holds. */
  | {
      readonly kind: 'hello';
      readonly agentVersion: string;
      readonly kubeSystemUid: string;
      readonly capabilities: readonly string[];
      readonly incarnation: number;
      readonly session: number;
      readonly proven: readonly RowClaim[];
    }
  /** Rows that are verified and durable on the agent. */
  | { readonly kind: 'held'; readonly rows: readonly HeldRow[] }
  /** `isHearsay`: another hub process told of it, perhaps not for the first time. */
  | { readonly kind: 'rejected'; readonly rows: readonly RejectedRow[]; readonly isHearsay: boolean }
  /** `epoch`: of LogLost, the highest one that proven claims name. */
  | {
      readonly kind: 'alarm';
      readonly code: HubAlarm;
      readonly text: string;
      readonly epoch?: number | undefined;
    };

/** Where a cluster stands by its stream. */
export interface SeenCluster {
  readonly presence: Presence;
  /** Newest report that the agent says it has made; undefined = nothing heard in this process. */
  readonly announced: { readonly incarnation: number; readonly seq: number } | undefined;
}
