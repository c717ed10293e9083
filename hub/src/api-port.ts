/**
 * L5: what the HTTP API asks of the hub. The API selects, sorts, pages, counts and streams; this port only gives the
 * facts as documents, tells what changed, and takes actions. Reads are synchronous: they show what this process knows
 * now, and two reads in one turn of the event loop show the same state.
 */
import type { ClusterName, GitId, PlacementName, Result } from '@flotilla/shared/base';
import type {
  ApiItems,
  ClusterRemoved,
  Described,
  EpochConfirmed,
  Explanation,
  HubFacts,
  ItemKind,
  JoinTokenMade,
  PlanPreview,
  Problem,
  RolloutOperated,
  RolloutVerb,
  SourceAccepted,
} from '@flotilla/shared/model';

/** Everything that the API serves. */
export interface HubApi {
  /** What the hub knows of itself, its bus and its control repository. */
  facts(): HubFacts;

  /**
   * All items of a kind, in the order of their names by code units; assignments by cluster, then placement; rollouts by
   * placement, then number. `of` narrows where that is cheap: an implementation must leave out other clusters' and
   * placements' assignments and other placements' rollouts. `of.after` is the name of an item (`CLUSTER/PLACEMENT` for
   * assignments): only items that follow it are wanted, so that a page does not build those before it. Lazy: the reader
   * may stop at any time. Nothing may change while a reader iterates within one turn.
   */
  items<Kind extends ItemKind>(kind: Kind, of: ItemsWanted): Iterable<ApiItems[Kind]>;

  /** One item by its metadata.name; undefined = unknown. */
  item<Kind extends ItemKind>(kind: Kind, name: string): ApiItems[Kind] | undefined;

  /** One item with what belongs to it; undefined = unknown. */
  describe<Kind extends ItemKind>(kind: Kind, name: string): Described<ApiItems[Kind]> | undefined;

  /** Why a placement is, or is not, on a cluster as it is; fails with what is unknown. */
  explain(cluster: string, placement: string): Result<Explanation, 'cluster' | 'placement'>;

  /**
   * What a branch, tag or commit of the control repository would do if it came into force now. Reads Git, writes and decides
   * nothing. Refuses when that cannot be read, or more plans are being made than the hub makes at once.
   */
  plan(request: PlanRequest, signal: AbortSignal): Promise<Result<PlanPreview, ActionRefusal>>;

  /** Where this process stands in telling changes. */
  readonly changes: ChangeFeed;

  /** Makes a single-use token. Refuses a name that is registered. On disk when resolved. */
  createJoinToken(
    request: JoinTokenRequest,
    signal: AbortSignal,
  ): Promise<Result<JoinTokenMade, ActionRefusal>>;

  /** Deletes a registration: its agent is refused from its next connection on; objects on the cluster stay. On disk when resolved. */
  removeCluster(
    name: string,
    by: RequestedBy,
    signal: AbortSignal,
  ): Promise<Result<ClusterRemoved, ActionRefusal>>;

  /**
   * Lets rollouts start again after the log lost decisions. Refuses another epoch than the one in force; one that is
   * confirmed already succeeds again. On disk when resolved.
   */
  confirmEpoch(
    epoch: number,
    by: RequestedBy,
    signal: AbortSignal,
  ): Promise<Result<EpochConfirmed, ActionRefusal>>;

  /**
   * Accepts a commit that waits for a person: a rewritten or emptied control repository or source, a large withdrawal.
   * `source` is `control` or the name of a Source; `commit` is a full id, or at least its first 7 characters when that
   * names exactly one commit that waits. Accepting what is accepted already succeeds again. On disk when resolved.
   */
  acceptSource(
    source: string,
    commit: string,
    by: RequestedBy,
    signal: AbortSignal,
  ): Promise<Result<SourceAccepted, ActionRefusal>>;

  /**
   * Decides what a person wants of a rollout, on condition that nobody else decided meanwhile; what is so already is
   * said and decides nothing. Several decisions of one operation are on disk in order: after a crash in between, asking
   * again completes them. On disk when resolved.
   */
  operateRollout(
    request: RolloutRequest,
    signal: AbortSignal,
  ): Promise<Result<RolloutOperated, ActionRefusal>>;
}

/** Which state of the control repository; without both, the ref that the hub follows. */
export interface PlanRequest {
  /** A branch or tag. */
  readonly ref: string | undefined;
  readonly commit: GitId | undefined;
}

/** What a person asks of a rollout. */
export interface RolloutRequest {
  /** A placement means the rollout that it must be: the one that runs or, for undo and retry, the last one. */
  readonly target: { readonly kind: 'placement' | 'rollout'; readonly name: string };
  readonly operation: AskedOperation;
  /** `status.lastSeq` that the person saw; undefined = whatever stands now. An old one decides nothing (I21). */
  readonly expectedSeq: number | undefined;
  readonly by: RequestedBy;
}

/** A verb with what it needs, by names. */
export type AskedOperation =
  | { readonly verb: Exclude<RolloutVerb, 'approve' | 'approve-prune' | 'skip'> }
  /** Undefined = the stage that asks now. */
  | { readonly verb: 'approve'; readonly stage: string | undefined }
  /** `cluster` = its name. */
  | { readonly verb: 'skip'; readonly cluster: string }
  /** `hash` = of the list, or at least its first 12 digits. */
  | { readonly verb: 'approve-prune'; readonly cluster: string; readonly hash: string };

/** Which items are wanted; all given parts must hold. */
export interface ItemsWanted {
  readonly cluster?: ClusterName | undefined;
  readonly placement?: PlacementName | undefined;
  readonly after?: string | undefined;
}

/** Tells which items may look different from now on. */
export interface ChangeFeed {
  /**
   * Called for each item that came, changed or went; may be called more often than something really changed, and any
   * number of times for the same item. Must be cheap: the API notes the key and reads the item later. Returns the way
   * to stop listening.
   */
  subscribe(listener: (change: ItemChange) => void): () => void;
  /** Names of the assignments that such a change is about, as of now; one that is listed need not be there. */
  assignmentsOf(change: AssignmentsOf): Iterable<string>;
}

/** One item that may look different, or many assignments that may; `facts` = the hub's facts do. */
export type ItemChange =
  | { readonly kind: ItemKind; readonly name: string }
  | AssignmentsOf
  | { readonly kind: 'facts' };

/** All assignments of one cluster, or of one placement, may look different. */
export type AssignmentsOf =
  | { readonly kind: 'assignments-of-cluster'; readonly name: ClusterName }
  | { readonly kind: 'assignments-of-placement'; readonly name: PlacementName };

/** Who asked for an action, and why. */
export interface RequestedBy {
  /** `admin` while there are no users; later the user's name. */
  readonly actor: string;
  /** '' when none was given. */
  readonly reason: string;
}

/** A token that a person wants. */
export interface JoinTokenRequest {
  /** Undefined = the agent brings one. */
  readonly name: ClusterName | undefined;
  /** For the agent of the registered cluster of that name, which lost its identity: it stays the same cluster. */
  readonly isRejoin: boolean;
  /** Of a new cluster; a registered one keeps those it has. */
  readonly labels: { readonly [key: string]: string };
  readonly ttlMs: number;
  readonly by: RequestedBy;
}

/** Why an action was refused. `kind` becomes the HTTP status: 404, 409, 422 or 503. */
export interface ActionRefusal extends Problem {
  readonly kind: 'not-found' | 'conflict' | 'invalid' | 'unavailable';
}
