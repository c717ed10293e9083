/**
 * L5: everything the hub asks of the world. Adapters are in io/, loops use these types only; fakes and real adapters
 * pass the same contract suites. Every method takes its AbortSignal last; an abort rejects with the signal's reason.
 */
import type { Clock, ClusterUid, Digest, GitId, Json, Random, Result } from '@flotilla/shared/base';
import type { AgentFrame, CommitInfo, Decision, DecisionEvent, HubFrame } from '@flotilla/shared/model';

/** All ports of one hub process. */
export interface HubPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly git: GitPort;
  readonly checks: CheckPort;
  readonly decisions: DecisionLog;
  readonly status: StatusStream;
  readonly gossip: GossipLine;
  readonly clusters: Bucket;
  readonly tokens: Bucket;
  readonly meta: Bucket;
  readonly signer: Signer;
  readonly agents: AgentListener;
}

/** A decision as it stands in the log. */
export interface StoredDecision {
  readonly subject: string;
  /** JetStream sequence; the version's seq of rows that the event makes. */
  readonly seq: number;
  /** Message timestamp of the stream, milliseconds; folded time is the largest one seen. */
  readonly storedAtMs: number;
  readonly event: DecisionEvent<Decision>;
  /** sha-256 of the message's bytes. */
  readonly hash: Digest;
}

/** Outcome of a conditional append: taken, or another decider was first. An unknown outcome is resolved by the adapter by re-reading. */
export type AppendOutcome =
  | { readonly kind: 'appended'; readonly seq: number; readonly hash: Digest }
  | { readonly kind: 'conflict'; readonly lastSeq: number };

/** The one ordered log of decisions (stream FLOTILLA_DECISIONS): the log is the lock. */
export interface DecisionLog {
  /** Appends when the subject's last sequence is `event.expectedSeq`. On disk when resolved. Rejects with LogUnavailableError. */
  append(subject: string, event: DecisionEvent<Decision>, signal: AbortSignal): Promise<AppendOutcome>;
  /** Appends to several subjects at once or to none (NATS atomic batch), each with its own expectation. Returns the sequences in order. */
  appendAll(
    entries: readonly { readonly subject: string; readonly event: DecisionEvent<Decision> }[],
    signal: AbortSignal,
  ): Promise<
    Result<readonly { readonly seq: number; readonly hash: Digest }[], { readonly subject: string }>
  >;
  /**
   * Everything stored from `fromSeq` on (1 = all), then what comes, in order, without gaps. Yields `caught-up` once when
   * the log's end as of the call was reached. Throws FormatTooNewError on an event of a newer format.
   */
  follow(
    fromSeq: number,
    signal: AbortSignal,
  ): AsyncIterable<StoredDecision | { readonly kind: 'caught-up' }>;
  /** First and last sequence of the stream; 0 when empty. */
  bounds(signal: AbortSignal): Promise<{ readonly firstSeq: number; readonly lastSeq: number }>;
}

/** One status message as the bus stored it. `payload` is an encoded StatusEnvelope, not yet checked. */
export interface StoredStatus {
  readonly uid: ClusterUid;
  readonly seq: number;
  readonly storedAtMs: number;
  readonly payload: Uint8Array;
}

/** The last report of each cluster (stream FLOTILLA_STATUS). */
export interface StatusStream {
  /** Last value of every subject, then what comes. Yields `caught-up` once after the last values. */
  follow(signal: AbortSignal): AsyncIterable<StoredStatus | { readonly kind: 'caught-up' }>;
  /** Publishes an agent's report that came over its stream, on its own subject. */
  publish(uid: ClusterUid, payload: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Forgets a removed cluster's reports. */
  purge(uid: ClusterUid, signal: AbortSignal): Promise<void>;
}

/**
 * What the hub processes of a fleet tell each other (core NATS, subject flotilla.hub.gossip): at once, at most once, in no
 * promised order, nothing of it kept. Whoever needs more than that uses the log.
 */
export interface GossipLine {
  /** Tells every process that listens, this one included. False = the bus is away: nobody was told. Never waits, never throws. */
  tell(payload: Uint8Array): boolean;
  /**
   * What is told from now on, until aborted; goes on by itself when the bus comes back. A reader that is slow misses
   * what comes while limits.gossipBacklogMax wait.
   */
  hear(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** One record of a bucket. `revision` is what a conditional write must name. */
export interface BucketEntry {
  readonly key: string;
  readonly value: Json;
  readonly revision: number;
}

/** A small conditional key-value store on JetStream, on disk before a write resolves. Values carry their own `format`. */
export interface Bucket {
  get(key: string, signal: AbortSignal): Promise<BucketEntry | undefined>;
  /** Writes when the key's revision is `expectedRevision` (0 = must not exist). Undefined = somebody else was first. */
  put(key: string, value: Json, expectedRevision: number, signal: AbortSignal): Promise<number | undefined>;
  /** Deletes under the same condition; false = somebody else was first. */
  remove(key: string, expectedRevision: number, signal: AbortSignal): Promise<boolean>;
  list(signal: AbortSignal): Promise<readonly BucketEntry[]>;
  /**
   * All entries and all deleted keys, `caught-up`, then changes; value undefined = deleted. That a key was deleted is told
   * after a restart, too: it is a fact, and not the same as never having been there.
   */
  watch(
    signal: AbortSignal,
  ): AsyncIterable<
    | { readonly key: string; readonly value: Json | undefined; readonly revision: number }
    | { readonly kind: 'caught-up' }
  >;
}

/** A Git repository that the hub follows: the control repository or a Source. */
export interface GitRemote {
  readonly url: string;
  /** Name of the credential mounted into the hub; undefined = none. */
  readonly credential: string | undefined;
  readonly caBundlePem: string | undefined;
  /** Of whom one must have signed a commit before it is taken; absent or empty = nobody asks. */
  readonly signers?: readonly string[] | undefined;
}

/** What the hub needs of Git. Rejects with GitError; an empty answer is an error, never an empty repository. */
export interface GitPort {
  /** Resolves a branch, tag or commit to a commit id. */
  resolveRef(remote: GitRemote, ref: string, signal: AbortSignal): Promise<GitId>;
  /** Author, subject, time, kind of signature and root tree of a commit; fetches it (and its trees without file contents where the server can). */
  readCommit(
    remote: GitRemote,
    commit: GitId,
    signal: AbortSignal,
  ): Promise<CommitInfo & { readonly tree: GitId; readonly parents: readonly GitId[] }>;
  /** Rejects with GIT_SIGNATURE when the remote names signers and none of them signed the commit; asks nothing when it names none. */
  verifyCommit(remote: GitRemote, commit: GitId, signal: AbortSignal): Promise<void>;
  /**
   * All entries below a path of a commit that readCommit fetched. `path` '' = root. The error says why the path leads
   * nowhere (missing, a file, a symlink, a submodule) and names near ones.
   */
  listTree(
    remote: GitRemote,
    commit: GitId,
    path: string,
    signal: AbortSignal,
  ): Promise<Result<GitTree, GitPathProblem>>;
  /** Contents of blobs by id, fetched in one batch where missing. */
  readBlobs(
    remote: GitRemote,
    commit: GitId,
    blobs: readonly GitId[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<GitId, Uint8Array>>;
  /** Whether `older` is an ancestor of `newer`; `unknown` when the server does not let us find out. */
  isAncestor(
    remote: GitRemote,
    older: GitId,
    newer: GitId,
    signal: AbortSignal,
  ): Promise<'yes' | 'no' | 'unknown'>;
}

/** Why a path of a commit leads nowhere. */
export interface GitPathProblem {
  /** PATH_MISSING, PATH_INVALID, PATH_THROUGH_FILE, PATH_SYMLINK or PATH_SUBMODULE. */
  readonly code: string;
  readonly text: string;
}

/** A folder at a commit: its tree id and all entries below it, recursively, sorted by path. */
export interface GitTree {
  readonly treeId: GitId;
  readonly entries: readonly {
    /** Relative to the folder. */
    readonly path: string;
    readonly kind: 'file' | 'folder' | 'symlink' | 'submodule';
    readonly id: GitId;
  }[];
}

/** One question to somebody outside: may a rollout go on? */
export interface CheckAsked {
  /** https, or http to a loopback host that the configuration lists. */
  readonly url: string;
  /** Name of the credential mounted into the hub, a token that is sent as bearer; undefined = none. */
  readonly credential: string | undefined;
  /** JSON, as checkQuestion() makes it. */
  readonly body: string;
  /** From the first byte of the request to the last of the reply. */
  readonly timeoutMs: number;
}

/** What came back, not yet judged: see judgeReply(). */
export interface CheckReply {
  readonly status: number;
  /** As text, whatever it is; at most `limits.checkReplyBytesMax` bytes. */
  readonly body: string;
  /** What Retry-After asks for in seconds, milliseconds; undefined = it is not there, or is no number. */
  readonly retryAfterMs: number | undefined;
}

/** Asks webhook checks of stages. Whoever is asked must expect the same question twice: two hub processes may both ask. */
export interface CheckPort {
  /**
   * Posts the question once and reads the reply; follows no redirect. Rejects with CheckUnansweredError when there is no
   * reply, when it is too large, or when the URL, its address or the credential must not be used.
   */
  ask(asked: CheckAsked, signal: AbortSignal): Promise<CheckReply>;
}

/** The hub's keys: certificates for agents, row MACs, bus credentials. Keys never leave the adapter. */
export interface Signer {
  /** HMAC-SHA-256 in hex over rowMacInput(); synchronous: it runs for every row. */
  macRow(input: string): Digest;
  /** Certificate for a cluster over the CSR's public key; DER, leaf first. Rejects when the CSR is malformed. */
  issueAgentCertificate(uid: ClusterUid, csrDer: Uint8Array): Promise<readonly Uint8Array[]>;
  /** Roots that agents must trust, DER. */
  readonly caBundle: readonly Uint8Array[];
  /** sha-256 of the CA's public key (SPKI), base64url: the pin of join tokens. */
  readonly pin: string;
  /** User JWT under the scoped signing key of account FLEET: may publish its own subjects only. */
  natsUserJwt(uid: ClusterUid, userPublicKey: string): string;
}

/** One agent's stream at the hub; the peer's uid comes from its certificate alone. */
export interface AgentStream {
  readonly peer: ClusterUid;
  readonly remoteAddress: string;
  /** Resolves when the transport has room again: at most one delta is in flight, so nothing queues without bound. */
  send(frame: HubFrame, signal: AbortSignal): Promise<void>;
  /** Ends when the agent ends the stream; throws when it broke or sent what does not decode. */
  readonly frames: AsyncIterable<AgentFrame>;
  /** Ends the stream from the hub's side. */
  close(): void;
}

/** The agents' listener: hands every authenticated stream to its owner. */
export interface AgentListener {
  /** Streams as they come, until closed. */
  readonly streams: AsyncIterable<AgentStream>;
}
