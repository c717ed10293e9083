/**
 * What an assignment owns on its cluster, and how that survives a crash: ApplySet names, the parent object, the journal,
 * and what is kept of live objects.
 * Reading order: names, applyset, live-object, inventory, journal, merge, owner, parent, assignment-crd.
 */
export * from './applyset.ts';
export { assignmentCrd } from './assignment-crd.ts';
export * from './inventory.ts';
export { encodeInventory, parseInventory } from './journal.ts';
export type { LiveObject, Ownership, SetIdentity } from './live-object.ts';
export { observeObject, ourEntry, ownedFieldsOf, ownershipOf } from './live-object.ts';
export { type Merged, type MergeInput, mergeInventory } from './merge.ts';
export * from './names.ts';
export { foreignMember, foreignOwner, formatOwner, nameMark, type SetOwner } from './owner.ts';
export {
  type ParentFacts,
  type ParentKind,
  type ParentReading,
  parentObject,
  parentRef,
  readParent,
  withHandOver,
} from './parent.ts';
