import type { ClusterName, ClusterUid, PlacementName, RolloutId } from '../base/index.ts';
import type { ApiItem } from './api-item.ts';
import type {
  AssignmentItem,
  ClusterItem,
  FailureGroup,
  GitMistake,
  PlacementItem,
  StateCounts,
} from './api-items.ts';
import type { RolloutItem } from './api-rollout-items.ts';
import type { CommitInfo } from './assignment.ts';
import type { Presence } from './cluster.ts';
import type { Problem } from './problem.ts';
import type { Reasoned } from './state.ts';

/** The lists of the API, by the word that stands in URLs and on the command line. */
export interface ApiItems {
  readonly clusters: ClusterItem;
  readonly placements: PlacementItem;
  readonly assignments: AssignmentItem;
  readonly rollouts: RolloutItem;
}

/** `clusters`, `placements`, `assignments` or `rollouts`. */
export type ItemKind = keyof ApiItems;

/** What a hub process knows about itself and its surroundings. All times are milliseconds since 1970. */
export interface HubFacts {
  readonly hub: {
    readonly version: string;
    /** '' until the fleet has one. */
    readonly hubId: string;
    /** The fleet's epoch; 0 until read. */
    readonly epoch: number;
    /** Sequence of the decision folded last. */
    readonly decisionSeq: number;
    readonly startedAtMs: number;
    /** Why it cannot speak for the fleet yet; empty = it can. */
    readonly notReady: readonly Reasoned[];
  };
  readonly bus: {
    readonly isConnected: boolean;
    /** When that began. */
    readonly sinceMs: number;
    /** `nats-server 2.15.2 (child process)`, or why it is away. */
    readonly text: string;
  };
  readonly control: ControlRepositoryFacts;
}

/** Where the control repository stands. */
export interface ControlRepositoryFacts {
  /** Without credentials. */
  readonly url: string;
  readonly ref: string;
  /** In force; undefined before the first adoption. */
  readonly commit: CommitInfo | undefined;
  /** Mistakes in files at the newest commit; the last good state of each such file stays in force. */
  readonly errors: readonly GitMistake[];
  /** What waits for a person. */
  readonly held: readonly Reasoned[];
  /** Why the repository could not be read at the last look; undefined = it could. */
  readonly failure: Reasoned | undefined;
  /** When it was last read without failure; undefined = never in this process. */
  readonly readAtMs: number | undefined;
}

/** Clusters by where their streams stand; all presences are present. */
export type PresenceCounts = { readonly [presence in Presence]: number };

/** `flotilla status`: the fleet on one screen. */
export type FleetStatus = ApiItem<'FleetStatus', { readonly [key: string]: never }, FleetStatusStatus>;

/** The facts, and the fleet counted. */
export interface FleetStatusStatus extends HubFacts {
  /** When this was true, the hub's clock. */
  readonly asOfMs: number;
  readonly clusters: {
    readonly total: number;
    readonly states: StateCounts;
    readonly presence: PresenceCounts;
    readonly simulated: number;
  };
  readonly placements: { readonly total: number; readonly states: StateCounts };
  readonly assignments: { readonly total: number; readonly states: StateCounts };
  readonly rollouts: { readonly active: number; readonly halted: number };
  /** Largest first, at most `limits.apiFailureGroupsMax`. */
  readonly failures: readonly FailureGroup[];
}

/** One page of a list, in the shape that Kubernetes gives its lists. */
export interface ApiList<Item> {
  readonly apiVersion: string;
  /** `ClusterList` and so on. */
  readonly kind: string;
  readonly metadata: ListMetadata;
  readonly items: readonly Item[];
  /** Over everything selected, not only this page; undefined on later pages. */
  readonly summary?: ListSummary | undefined;
}

/** Where the page stands. */
export interface ListMetadata {
  /** State of the hub that the page shows; hand it to the event stream to hear what changed since. */
  readonly sequence: string;
  /** When the page was made, the hub's clock: ages are counted from here. */
  readonly asOfMs: number;
  /** Hand it back for the next page; undefined = this was the last. */
  readonly continue?: string | undefined;
  /** Items that follow; undefined on later pages. */
  readonly remainingItemCount?: number | undefined;
  /** What is wrong around the items, for people: outages that explain stale states, Git that waits or is mistaken; undefined = nothing. */
  readonly warnings?: readonly string[] | undefined;
}

/** Everything selected, counted. */
export interface ListSummary {
  readonly total: number;
  /** By state; a rollout's states are its own. */
  readonly states: { readonly [state: string]: number };
  /** Largest first, at most `limits.apiFailureGroupsMax`. */
  readonly failures: readonly FailureGroup[];
}

/** Body of every answer that is not 2xx. */
export interface ErrorBody {
  readonly error: Problem;
}

/** A token for one cluster to join with. */
export interface JoinTokenMade {
  /** `HOST:PORT/flt1.…`: a secret, shown once. */
  readonly joinLine: string;
  /** Not secret. */
  readonly tokenId: string;
  readonly expiresAtMs: number;
  /** Undefined = the agent chooses. */
  readonly name?: ClusterName | undefined;
}

/** A registration that was deleted: its agent is refused from now on, its objects stay. */
export interface ClusterRemoved {
  readonly name: ClusterName;
  readonly uid: ClusterUid;
  /** Placements whose objects stay on it. */
  readonly placements: readonly PlacementName[];
}

/** A commit that a person accepted. */
export interface SourceAccepted {
  readonly source: string;
  readonly ref: string;
  readonly commit: string;
}

/** A raise of the epoch that a person has looked at: rollouts may start again. */
export interface EpochConfirmed {
  readonly epoch: number;
}

/** What a person may do about the rollouts of a placement, as the words of API and command line. */
export const rolloutVerbs = [
  'pause',
  'resume',
  'approve',
  'promote',
  'urgent',
  'abort',
  'undo',
  'retry',
  'skip',
  'approve-prune',
] as const;

/** One of the verbs. */
export type RolloutVerb = (typeof rolloutVerbs)[number];

/** What a person's operation on a rollout came to. */
export interface RolloutOperated {
  readonly rollout: RolloutId;
  readonly placement: PlacementName;
  readonly verb: RolloutVerb;
  /** What is so now, as a clause after the rollout's name. */
  readonly text: string;
  /** False = it was so already, and nothing was decided. */
  readonly isChanged: boolean;
  /** Last sequence of the placement's decisions now: what the next operation may expect. */
  readonly lastSeq: number;
}
