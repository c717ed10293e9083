import type { Digest, GitId } from '@flotilla/shared/base';
import type { ObjectRef } from '@flotilla/shared/model';
import { objectKey } from '@flotilla/shared/model';
import { emptyScope, type SetScope, scopeOf, unionScope } from './applyset.ts';

/** How far an object of an assignment is. */
export type EntryPhase =
  /** Written down before the first apply: it may exist or not. */
  | 'intended'
  /** Applied; uid and hashes are known. */
  | 'applied'
  /** Left the render; its delete is under way, refused or held. */
  | 'pruning';

/** One object that an assignment owns or is about to own. */
export interface InventoryEntry {
  /** In the version in which it was applied. */
  readonly ref: ObjectRef;
  readonly uid: string | undefined;
  /** Digest of the payload that was applied last; undefined = unknown. */
  readonly renderedHash: string | undefined;
  /** LiveObject.ownedFields right after that apply. */
  readonly ownedFields: string | undefined;
  readonly phase: EntryPhase;
  /** Why a delete did not happen; '' = nothing to say. */
  readonly note: string;
  /** JSON pointers that were left out of the payload for other managers; sorted. */
  readonly leftToOthers: readonly string[];
  /** A Job that ran to its end and is deleted by its TTL: it is not run again until it changes. */
  readonly isFinished: boolean;
}

/** Everything an assignment owns on its cluster. */
export interface Inventory {
  readonly entries: ReadonlyMap<string, InventoryEntry>;
  /** What the parent's annotations say; undefined = no parent was written yet. */
  readonly parentScope: SetScope | undefined;
  /** formatVersion() of the row that the parent names. */
  readonly parentVersion: string | undefined;
  /** The content that is wholly applied. */
  readonly applied: AppliedContent | undefined;
}

/** Names the content that an inventory was last brought to. */
export interface AppliedContent {
  readonly commit: GitId;
  readonly variantDigest: Digest;
}

/** Owns nothing. */
export const emptyInventory: Inventory = {
  entries: new Map(),
  parentScope: undefined,
  parentVersion: undefined,
  applied: undefined,
};

/** The entry of an object that is about to be applied for the first time. */
export function intendedEntry(ref: ObjectRef): InventoryEntry {
  return {
    ref,
    uid: undefined,
    renderedHash: undefined,
    ownedFields: undefined,
    phase: 'intended',
    note: '',
    leftToOthers: [],
    isFinished: false,
  };
}

/** The inventory with entries put in (by their key) or taken out. */
export function withEntries(
  inventory: Inventory,
  put: Iterable<InventoryEntry>,
  drop: Iterable<string> = [],
): Inventory {
  const entries = new Map(inventory.entries);
  for (const entry of put) entries.set(objectKey(entry.ref), entry);
  for (const key of drop) entries.delete(key);
  return { ...inventory, entries };
}

/** The scope that the entries need on the parent. */
export function entriesScope(inventory: Inventory): SetScope {
  return scopeOf([...inventory.entries.values()].map((entry) => entry.ref));
}

/** What the parent must name before more objects are applied: nothing that it names now is taken away. */
export function supersetScope(inventory: Inventory, more: Iterable<ObjectRef>): SetScope {
  const held = unionScope(entriesScope(inventory), inventory.parentScope ?? emptyScope);
  return unionScope(held, scopeOf(more));
}
