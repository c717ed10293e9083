import type { ClusterName, Digest, HubId, PlacementName } from '../base/index.ts';
import type { AssignmentRow, RemovalRow, RowProof, RowVersion } from './assignment.ts';
import type { Report } from './report.ts';

/** One message from agent to hub on the assignment stream (PROTOCOL.md). */
export type AgentFrame =
  | Hello
  | { readonly kind: 'ack'; readonly ack: Ack }
  | { readonly kind: 'heartbeat'; readonly heldDigest: Digest; readonly reportSeq: number }
  | { readonly kind: 'report'; readonly report: Report };

/** One message from hub to agent on the assignment stream (PROTOCOL.md). */
export type HubFrame =
  | Welcome
  | { readonly kind: 'delta'; readonly delta: Delta }
  | { readonly kind: 'agreed'; readonly heldDigest: Digest }
  | { readonly kind: 'not-ready'; readonly retryAfterMs: number; readonly reason: string }
  | {
      readonly kind: 'heartbeat';
      readonly desiredDigest: Digest;
      readonly reportSeq: number;
      readonly wantReport: boolean;
    }
  | { readonly kind: 'drain'; readonly reconnectAfterMs: number; readonly reason: string }
  | {
      readonly kind: 'refused';
      readonly code: RefusalCode;
      readonly text: string;
      readonly retryAfterMs: number;
    };

/** A row as an agent holds it durably, with its proof; removal rows are tombstones. */
export interface RowClaim {
  readonly placement: PlacementName;
  readonly version: RowVersion;
  /** zeroDigest for a removal row. */
  readonly variantDigest: Digest;
  readonly proof: RowProof;
  readonly isRemoved: boolean;
}

/** First frame of every stream: what the agent is and durably holds. */
export interface Hello {
  readonly kind: 'hello';
  readonly protocolVersions: readonly number[];
  readonly agentVersion: string;
  readonly incarnation: number;
  readonly session: number;
  /** Undefined before the first Welcome. */
  readonly hubId: HubId | undefined;
  /** 0 before the first row. */
  readonly epoch: number;
  readonly held: readonly RowClaim[];
  readonly heldDigest: Digest;
  readonly kubeSystemUid: string;
  readonly capabilities: readonly string[];
}

/** The hub accepts the stream. */
export interface Welcome {
  readonly kind: 'welcome';
  readonly protocolVersion: number;
  readonly hubId: HubId;
  readonly epoch: number;
  /** The agent's incarnation must be at least this from now on. */
  readonly incarnation: number;
  readonly clusterName: ClusterName;
  readonly hubVersion: string;
  readonly clusterLabels: { readonly [key: string]: string };
  readonly capabilities: readonly string[];
  /** Longest pause between two attempts to connect; undefined = the hub does not say. */
  readonly reconnectCapMs: number | undefined;
}

/** What differs from what the agent holds. */
export interface Delta {
  /** Counts from 1 within a stream. */
  readonly nonce: number;
  readonly upserts: readonly AssignmentRow[];
  readonly removals: readonly RemovalRow[];
  /** Rows that did not decode, each already judged: they are answered like any other. Always empty on the hub's side. */
  readonly malformed: readonly RejectedRow[];
  /** Nothing is unsent after this delta; no removal is ever concluded from it. */
  readonly isComplete: boolean;
}

/** Answer to one delta: one entry for each of its rows. */
export interface Ack {
  readonly nonce: number;
  readonly accepted: readonly { readonly placement: PlacementName; readonly version: RowVersion }[];
  readonly rejected: readonly RejectedRow[];
}

/** A row that the agent does not take. */
export interface RejectedRow {
  readonly placement: PlacementName;
  readonly version: RowVersion;
  readonly code: RejectionCode;
  readonly text: string;
}

/** Why an agent refuses a row; UNKNOWN stands for a code of a newer agent. */
export const rejectionCodes = [
  'STALE',
  'UNSUPPORTED',
  'INVALID',
  'CAUSE_MISSING',
  'POLICY',
  'LIMIT',
  'STORE',
  'UNKNOWN',
] as const;

/** One of them. */
export type RejectionCode = (typeof rejectionCodes)[number];

/** Why a hub refuses a stream; RETRY stands also for a code of a newer hub. */
export type RefusalCode = 'RETRY' | 'VERSION' | 'NOT_REGISTERED' | 'PROTOCOL' | 'REPLACED' | 'FENCED';

/** Versions of the assignment protocol that this program speaks, newest first. */
export const protocolVersions: readonly number[] = [1];
