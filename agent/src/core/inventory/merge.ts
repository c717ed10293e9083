import { type Inventory, type InventoryEntry, intendedEntry, withEntries } from './inventory.ts';
import { type LiveObject, ownershipOf, type SetIdentity } from './live-object.ts';

/** What the inventory of one assignment is merged with. */
export interface MergeInput extends SetIdentity {
  /** Live objects that carry the assignment's label, of all kinds that could be read. */
  readonly labelled: readonly LiveObject[];
}

/** The merged inventory, and what carries our labels without having been applied by us. */
export interface Merged {
  /** The same object as before when nothing changed. */
  readonly inventory: Inventory;
  readonly orphans: readonly LiveObject[];
}

/**
 * Brings journal and live members together, so that nothing owned is forgotten after a crash or a lost journal:
 * a live member that the journal does not know is owned; an intended one that exists was applied. Nothing is ever
 * taken out here: an object that is not seen may only be unreadable.
 */
export function mergeInventory(inventory: Inventory, input: MergeInput): Merged {
  const put: InventoryEntry[] = [];
  const orphans: LiveObject[] = [];
  for (const live of input.labelled) {
    const ownership = ownershipOf(live, input);
    if (ownership === 'orphan') orphans.push(live);
    if (ownership !== 'member') continue;
    const merged = mergeEntry(inventory.entries.get(live.key), live);
    if (merged !== undefined) put.push(merged);
  }
  return { inventory: put.length === 0 ? inventory : withEntries(inventory, put), orphans };
}

/** The changed entry; undefined when it already says what lives. */
function mergeEntry(entry: InventoryEntry | undefined, live: LiveObject): InventoryEntry | undefined {
  if (entry === undefined) return { ...intendedEntry(live.ref), uid: live.uid, phase: 'applied' };
  if (entry.uid === live.uid) return undefined;
  // Another uid: our own apply whose result was lost, or somebody's new object under our labels. What was applied to
  // the one before says nothing about this one.
  return {
    ...entry,
    uid: live.uid,
    renderedHash: undefined,
    ownedFields: undefined,
    leftToOthers: [],
    phase: entry.phase === 'intended' ? 'applied' : entry.phase,
    isFinished: false,
  };
}
