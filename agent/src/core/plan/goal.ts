import type { Digest, PlacementName } from '@flotilla/shared/base';
import type { GroupKind, ObjectRef, PrunePolicy, Reasoned } from '@flotilla/shared/model';
import type { HealthStatus } from '../health/index.ts';
import type { AppliedContent, Inventory, LiveObject } from '../inventory/index.ts';
import type { DeletesLimit } from '../policy/index.ts';
import type { Attempts } from './attempts.ts';

/** One object that an assignment wants, as far as planning cares. */
export interface DesiredObject {
  readonly ref: ObjectRef;
  readonly key: string;
  /** Digest of the payload. */
  readonly hash: string;
  /** See stages.ts. */
  readonly stage: number;
  /** What a CustomResourceDefinition brings. */
  readonly definesKind: GroupKind | undefined;
  /** JSON pointers left out of the payload for other managers. */
  readonly leftToOthers: readonly string[];
  /** A hook: objects of later stages wait until it has run to its end. Absent = no. */
  readonly holdsLater?: boolean;
  /** Of `flotilla.dev/wave`. Absent = 0. */
  readonly wave?: number;
  /** Keys of what `flotilla.dev/depends-on` names; one that is not in the goal has no place yet. */
  readonly needs?: readonly string[];
}

/** An object whose kind is not served, so that not even its namespace is known: it blocks prunes. */
export interface UnplacedObject {
  readonly kind: GroupKind & { readonly version: string };
  readonly name: string;
  /** The set brings the definition of its kind. */
  readonly isDefinedHere: boolean;
  /** The API group could not be read: the kind may well exist. */
  readonly isUnreadable: boolean;
  /** The version at which the cluster serves the kind; undefined = it does not serve the kind. */
  readonly servedVersion: string | undefined;
  /** As of a desired object. */
  readonly wave?: number;
}

/** What an assignment is to be brought to. */
export type Goal =
  | {
      readonly kind: 'content';
      /** Never empty: an empty render is an error and does not become a goal. */
      readonly objects: readonly DesiredObject[];
      readonly unplaced: readonly UnplacedObject[];
      readonly content: AppliedContent;
      /** formatVersion() of the row. */
      readonly version: string;
      /** A namespace to make when it is absent; it is not owned. */
      readonly ensureNamespace: string | undefined;
    }
  | { readonly kind: 'removal'; readonly mode: 'prune' | 'orphan' };

/** What is known of one object on the cluster; objects that were not looked at are not in the view. */
export type LiveSight =
  | {
      readonly kind: 'present';
      readonly object: LiveObject;
      readonly health: HealthStatus;
      /** Monotonic time since when it is being deleted; undefined = it is not. */
      readonly deletingSinceMs: number | undefined;
    }
  /** Read, and not there. */
  | { readonly kind: 'absent' }
  /** It could not be read; nothing may be concluded. `isFinal`: a person must change something. */
  | { readonly kind: 'unreadable'; readonly reason: Reasoned; readonly isFinal: boolean };

/** What was seen, by object key. */
export type LiveView = ReadonlyMap<string, LiveSight>;

/** A kind whose objects cannot be listed now. */
export interface UnreadKind {
  /** `Kind.group`. */
  readonly groupKind: string;
  readonly reason: Reasoned;
}

/** How completely the members of a set can be seen: only of a kind that was read is what does not show gone. */
export interface ScopeSight {
  /** Kinds that the parent or the inventory names and that cannot be read: members that no journal knows may live there. */
  readonly unread: readonly UnreadKind[];
  /** Such kinds that the cluster does not serve, by a discovery that had an answer for their group: none is left. */
  readonly unserved: ReadonlySet<string>;
}

/** Whose an object is that several held assignments want. */
export interface Claim {
  /** Who has the best claim; only this one may take the object from another of them, or make it. */
  readonly winner: PlacementName;
  /** The others that want it, and the one that has it and does not want it any more, apart from the one that plans. */
  readonly rivals: readonly string[];
  /** Why the winner comes before the one that plans, as the end of a sentence; '' when that one is the winner. */
  readonly why: string;
}

/** Rules that a plan obeys. */
export interface PlanPolicy {
  readonly placement: PlacementName;
  readonly setId: string;
  /** See SetIdentity. */
  readonly owner: string | undefined;
  readonly mode: 'bestEffort' | 'atomic';
  readonly takeOver: 'ifNoDiff' | 'always' | 'never';
  readonly takeOverFrom: PlacementName | undefined;
  readonly drift: 'correct' | 'report';
  readonly prune: PrunePolicy;
  /** Hash of the one list of deletes that a person allowed. */
  readonly permittedPrune: Digest | undefined;
  /** Of the cluster itself: no permission and no removal goes above it. Absent = none. */
  readonly deletesLimit?: DeletesLimit | undefined;
  /** Objects of the goal that other held assignments want, too, by key. */
  readonly claims: ReadonlyMap<string, Claim>;
  /** Objects that other held assignments want: released here instead of deleted. By key, the other placement. */
  readonly wantedElsewhere: ReadonlyMap<string, string>;
  /** Objects that may not be deleted yet, by key, and why: another assignment is about to take them over, or may want them. */
  readonly handOverPending: ReadonlyMap<string, Reasoned>;
  /** Owned objects that go only when a person allows it, with the reason: another assignment may want them. */
  readonly handOverDoubted: ReadonlyMap<string, string>;
  /** Objects whose drift is not corrected now, because another manager keeps changing them back. */
  readonly fights: ReadonlyMap<string, Reasoned>;
}

/** Everything that planNext looks at. */
export interface PlanInput {
  readonly goal: Goal;
  readonly live: LiveView;
  readonly scope: ScopeSight;
  readonly inventory: Inventory;
  /** The inventory as the state store has it: the same object when nothing is unsaved. */
  readonly persisted: Inventory;
  readonly policy: PlanPolicy;
  readonly attempts: Attempts;
  /**
   * Objects that a durable record names already as about to be applied: the stored content. For them the journal need
   * not say so too before the first apply; after a crash content, parent and labels find them.
   */
  readonly storedIntent: ReadonlySet<string>;
  /** Monotonic. */
  readonly nowMs: number;
}
