import type { Digest, HubId, PlacementName } from '@flotilla/shared/base';
import type {
  AgentFrame,
  HubFrame,
  RejectedRow,
  Report,
  Row,
  RowClaim,
  Welcome,
} from '@flotilla/shared/model';
import { claimOf, setDigest, streamTimes } from '@flotilla/shared/model';
import type { LocalPolicy } from '../policy/index.ts';

/** What does not change while the agent runs. */
export interface AgentSessionSettings {
  /** The hub that enrolled this agent; a stream to another one is left. */
  readonly hubId: HubId;
  readonly agentVersion: string;
  readonly kubeSystemUid: string;
  readonly capabilities: readonly string[];
  /** What the cluster accepts, whatever the hub says; undefined = everything. */
  readonly policy?: LocalPolicy | undefined;
  /** Start of the draws for jitter. */
  readonly seed: number;
}

/**
 * Where the agent stands with its hub.
 * - waiting: no stream; the next attempt is due at `untilMs`, and not while rows of an older stream are being stored.
 * - opening: the counters are being saved and the link is being opened.
 * - greeting: Hello is sent; the hub has not accepted the stream yet.
 * - following: the hub has accepted the stream; deltas come.
 * - leaving: the hub asked us to go; rows being stored are still acknowledged, then the stream is closed.
 */
export type AgentPhase =
  | { readonly kind: 'waiting'; readonly untilMs: number }
  | { readonly kind: 'opening'; readonly sinceMs: number }
  | ({ readonly kind: 'greeting' } & OpenStream)
  | ({
      readonly kind: 'following';
      readonly welcome: Welcome;
      readonly lastNonce: number;
      /** Newest report of this incarnation that the hub says it has; 0 until it says one. */
      readonly foldedSeq: number;
    } & OpenStream)
  | ({ readonly kind: 'leaving'; readonly untilMs: number; readonly reconnectAfterMs: number } & OpenStream);

/** What is true of every open stream. */
export interface OpenStream {
  readonly upSinceMs: number;
  readonly lastHeardMs: number;
  readonly nextBeatMs: number;
  /** When to leave unless Welcome (or after NotReady: any word on the set) comes before. */
  readonly comeBackAtMs: number | undefined;
}

/** Rows of the one delta that is being made durable. */
export interface Persisting {
  readonly session: number;
  readonly nonce: number;
  readonly rejected: readonly RejectedRow[];
}

/** The agent's whole memory of the protocol; everything else is on disk. */
export interface AgentSessionState {
  readonly settings: AgentSessionSettings;
  readonly phase: AgentPhase;
  /** What is durable, tombstones included. */
  readonly held: ReadonlyMap<PlacementName, RowClaim>;
  readonly heldDigest: Digest;
  /** Highest epoch seen in a row or a Welcome. */
  readonly epoch: number;
  readonly incarnation: number;
  /** Number of the newest stream of this incarnation. */
  readonly session: number;
  /** Whether a hub may have seen that number; one that no hub was told is tried again. */
  readonly isSessionUsed: boolean;
  /** Attempts since a stream was last up for a minute. */
  readonly attempt: number;
  /** Longest pause between two attempts: what the hub last said, at most streamTimes.backoffCapMs. */
  readonly backoffCapMs: number;
  readonly persisting: Persisting | undefined;
  /** Newest report made, as heartbeats name it. */
  readonly reportSeq: number;
  /** Whether the hub's last word on the set was our own digest; undefined = it has said nothing on this stream. */
  readonly isInStep: boolean | undefined;
  /** Draws of chance so far. */
  readonly draws: number;
}

/** What happens to the machine. Events of a stream carry its session number: those of an older one change nothing. */
export type AgentSessionInput =
  /** Time has passed; `reportSeq` is the newest report made. */
  | { readonly kind: 'tick'; readonly reportSeq: number }
  | { readonly kind: 'link-up'; readonly session: number }
  | {
      readonly kind: 'link-down';
      readonly session: number;
      readonly text: string;
      /** 0 = the hub said nothing. */
      readonly retryAfterMs: number;
    }
  | { readonly kind: 'frame'; readonly session: number; readonly frame: HubFrame }
  /** The rows of `persist` were handled: `stored` are durable now, `failed` are not. */
  | {
      readonly kind: 'persisted';
      readonly stored: readonly Row[];
      readonly failed: readonly RejectedRow[];
    }
  /** The report loop wants this report to go over the stream. */
  | { readonly kind: 'send-report'; readonly report: Report };

/** What the machine asks of the world. */
export type AgentSessionOutput =
  /** Save the counters durably, then open a stream; answered by link-up or link-down. */
  | { readonly kind: 'open'; readonly incarnation: number; readonly session: number }
  | { readonly kind: 'send'; readonly frame: AgentFrame }
  | { readonly kind: 'close'; readonly reason: string }
  /** Make these rows durable; answered by persisted. Never asked for twice at once. */
  | { readonly kind: 'persist'; readonly rows: readonly Row[] }
  | { readonly kind: 'welcomed'; readonly welcome: Welcome }
  /** The hub misses a report. */
  | { readonly kind: 'want-report' }
  /** A person should know. */
  | { readonly kind: 'raise'; readonly code: AgentAlarm; readonly text: string }
  | { readonly kind: 'note'; readonly text: string };

/** What a person should know about the stream. */
export type AgentAlarm = 'HubProtocol' | 'HubRefused' | 'WrongHub';

/** One step's outcome. `wakeAtMs` is when a tick is due at the latest. */
export interface AgentSessionStep {
  readonly state: AgentSessionState;
  readonly outputs: readonly AgentSessionOutput[];
  readonly wakeAtMs: number | undefined;
}

/** The machine of an agent that has just started: nothing is connected, the first attempt is due at once. */
export function startAgentSession(
  settings: AgentSessionSettings,
  durable: {
    readonly rows: readonly Row[];
    readonly incarnation: number;
    readonly session: number;
  },
  nowMs: number,
): AgentSessionState {
  const held = new Map(durable.rows.map((row) => [row.placement, claimOf(row)]));
  return {
    settings,
    phase: { kind: 'waiting', untilMs: nowMs },
    held,
    heldDigest: setDigest(held.values()),
    epoch: durable.rows.reduce((epoch, row) => Math.max(epoch, row.version.epoch), 0),
    incarnation: durable.incarnation,
    session: durable.session,
    isSessionUsed: true,
    attempt: 0,
    backoffCapMs: streamTimes.backoffCapMs,
    persisting: undefined,
    reportSeq: 0,
    isInStep: undefined,
    draws: 0,
  };
}

/** Whether the stream is open and the hub has accepted it. */
export function isFollowing(state: AgentSessionState): boolean {
  return state.phase.kind === 'following';
}
