import type { ClusterName, Digest, HubId, PlacementName } from '@flotilla/shared/base';
import { jitter, type Random, seededRandom } from '@flotilla/shared/base';
import type {
  AgentFrame,
  Hello,
  HubFrame,
  RejectedRow,
  Report,
  Row,
  RowVersion,
} from '@flotilla/shared/model';
import { streamTimes } from '@flotilla/shared/model';
import type { FenceVerdict } from './fence.ts';
import type { KnownSet } from './outstanding.ts';

/** What this hub process knows at the moment of an input; read anew for each one. */
export interface HubView {
  /** Whether the process may speak for the fleet; the reason is for people. */
  readonly readiness: { readonly kind: 'ready' } | { readonly kind: 'not-ready'; readonly reason: string };
  readonly hubId: HubId;
  readonly hubVersion: string;
  readonly epoch: number;
  /** Last sequence folded; `desired` reflects exactly the decisions up to here. */
  readonly foldedSeq: number;
  /** Whether the log's event of a sequence is the one of this hash; undefined = this process cannot say. */
  readonly isLogged: (seq: number, eventHash: Digest) => boolean | undefined;
  /** Undefined = not registered, as far as this process knows. */
  readonly cluster:
    | { readonly name: ClusterName; readonly labels: { readonly [key: string]: string } }
    | undefined;
  /** The newest report folded. */
  readonly report: { readonly incarnation: number; readonly seq: number } | undefined;
  /** Registered clusters as last counted; undefined = not counted yet. */
  readonly fleetSize: number | undefined;
  /** Every row the fleet has for this cluster, removals included, with proof; the same array while nothing changed. */
  readonly desired: readonly Row[];
}

/** What Hello said of the agent. */
export interface AgentPeer {
  readonly incarnation: number;
  readonly session: number;
  /** Newest report that the agent has made, by its last heartbeat. */
  readonly reportSeq: number;
  /** Since when the bus owes us that report; undefined = it does not. */
  readonly owedSinceMs: number | undefined;
}

/** The delta that waits for its Ack. */
export interface InFlight {
  readonly nonce: number;
  readonly rows: ReadonlyMap<PlacementName, Row>;
  readonly isComplete: boolean;
  readonly sentAtMs: number;
}

/**
 * Where a stream stands.
 * - greeting: open, nothing heard yet.
 * - holding: Hello is taken; this process may not speak yet, or not about what the agent holds.
 * - serving: Welcome is sent; deltas go out, one at a time.
 * - draining: Drain is sent; an Ack in flight is still taken, then the stream is closed.
 * - closed: nothing is sent and nothing is taken any more.
 */
export type HubPhase =
  | { readonly kind: 'greeting'; readonly untilMs: number }
  | { readonly kind: 'holding'; readonly peer: AgentPeer }
  | { readonly kind: 'serving'; readonly peer: AgentPeer }
  | { readonly kind: 'draining'; readonly untilMs: number }
  | { readonly kind: 'closed' };

/** The hub's whole memory of one stream; bounded by the rows that the agent holds and should hold. */
export interface HubSessionState extends KnownSet {
  readonly phase: HubPhase;
  readonly inFlight: InFlight | undefined;
  /** Counts deltas of this stream. */
  readonly lastNonce: number;
  /** The agent has been told that nothing is unsent, and nothing has changed since. */
  readonly isComplete: boolean;
  /** `view.desired` when it was last compared; the same array needs no second look. */
  readonly compared: readonly Row[] | undefined;
  /** Digest of `held`; undefined = to be computed. */
  readonly heldDigest: Digest | undefined;
  /** How often the agent's digest was not the one we knew. */
  readonly mismatches: number;
  /** Claims of a log beyond what is folded were found; the log's end is being read. */
  readonly behindSeq: number;
  /** What the agent holds proves that the log lost decisions; said once. */
  readonly isLogLost: boolean;
  /** Why this process may not speak, when NotReady was its last word. */
  readonly hushed: string | undefined;
  readonly lastHeardMs: number;
  readonly nextBeatMs: number;
  readonly drainAtMs: number;
  readonly random: { readonly seed: number; readonly draws: number };
}

/** What happens to a stream. */
export type HubSessionEvent =
  /** Hello, with what the rim found out: claims whose MAC is ours, and whether the stream is the newest. */
  | {
      readonly kind: 'hello';
      readonly hello: Hello;
      readonly proven: ReadonlySet<PlacementName>;
      readonly fence: FenceVerdict;
    }
  | { readonly kind: 'frame'; readonly frame: Exclude<AgentFrame, Hello> }
  /** Bytes came that are no frame. */
  | { readonly kind: 'undecodable'; readonly text: string }
  | { readonly kind: 'tick' }
  /** Something in the view may have changed. */
  | { readonly kind: 'world' }
  /** Answer to `read-log-end`: the last sequence of the log, read after it was asked for. */
  | { readonly kind: 'log-end'; readonly seq: number }
  /** A newer stream of the same agent was taken. */
  | { readonly kind: 'replaced' }
  | { readonly kind: 'drain'; readonly reconnectAfterMs: number; readonly reason: string }
  /** The stream is over. */
  | { readonly kind: 'ended' };

/** One thing that happened and what the process knew then. */
export interface HubSessionInput {
  readonly event: HubSessionEvent;
  readonly view: HubView;
}

/** What a person should know about a cluster's stream or the hub's log. */
export type HubAlarm = 'LogLost' | 'ClaimsUnproven' | 'RowUnknown' | 'RowTooLarge' | 'AgentProtocol';

/** What the machine asks of the world. */
export type HubSessionOutput =
  | { readonly kind: 'send'; readonly frame: HubFrame }
  | { readonly kind: 'close'; readonly reason: string }
  /** Read the log's last sequence, then give it back as `log-end`. */
  | { readonly kind: 'read-log-end' }
  | { readonly kind: 'publish-report'; readonly report: Report }
  /** The agent holds these rows durably (Hello or Ack). */
  | { readonly kind: 'held'; readonly rows: readonly HeldRow[] }
  | { readonly kind: 'rejected'; readonly rows: readonly RejectedRow[] }
  | { readonly kind: 'raise'; readonly code: Exclude<HubAlarm, 'LogLost'>; readonly text: string }
  /** `epoch`: the highest one that this agent's proven claims name. */
  | { readonly kind: 'raise'; readonly code: 'LogLost'; readonly text: string; readonly epoch: number }
  /** Claims ignored because their MAC is not ours. */
  | { readonly kind: 'claims-ignored'; readonly count: number };

/** A row that an agent provably holds. */
export interface HeldRow {
  readonly placement: PlacementName;
  readonly version: RowVersion;
}

/** One step's outcome. `wakeAtMs` is when a tick is due at the latest; undefined once closed. */
export interface HubSessionStep {
  readonly state: HubSessionState;
  readonly outputs: readonly HubSessionOutput[];
  readonly wakeAtMs: number | undefined;
}

/** A stream that has just been opened. */
export function openHubSession(seed: number, nowMs: number): HubSessionState {
  const random = seededRandom(seed);
  return {
    phase: { kind: 'greeting', untilMs: nowMs + streamTimes.helloWithinMs },
    held: new Map(),
    rejected: new Map(),
    inFlight: undefined,
    lastNonce: 0,
    isComplete: false,
    compared: undefined,
    heldDigest: undefined,
    mismatches: 0,
    behindSeq: 0,
    isLogLost: false,
    hushed: undefined,
    lastHeardMs: nowMs,
    nextBeatMs: nowMs + beatMs(random),
    drainAtMs:
      nowMs + Math.round(jitter(streamTimes.connectionAgeMs, streamTimes.connectionAgeJitter, random)),
    random: { seed, draws: 1 },
  };
}

/** The next draw of chance: the same state gives the same draw. */
export function draw(state: HubSessionState): { readonly state: HubSessionState; readonly random: Random } {
  const { seed, draws } = state.random;
  return { state: { ...state, random: { seed, draws: draws + 1 } }, random: seededRandom(seed + draws) };
}

/** Time to the next heartbeat. */
export function beatMs(random: Random): number {
  return Math.round(jitter(streamTimes.heartbeatMs, streamTimes.heartbeatJitter, random));
}
