import type { ObjectRef } from '@flotilla/shared/model';
import type { Inventory, SetScope } from '../inventory/index.ts';
import type { DesiredObject } from './goal.ts';

/** Why an object is deleted: there is no delete without one of these. */
export type DeleteCause =
  /** It left the render of a complete, wholly applied content. */
  | { readonly kind: 'left-the-render'; readonly commit: string }
  /** A removal row, whose cause the row carries. */
  | { readonly kind: 'removal' }
  /** Its new content cannot be reached by an update; it is applied again at once. */
  | { readonly kind: 'replace'; readonly hash: string };

/** Why an object is applied. */
export type ApplyReason = 'new' | 'changed' | 'drift' | 'take-over';

/** Every kind of step with its data. The union, the planner and the executors are derived from it. */
export interface StepMap {
  /** Learn whether objects exist. */
  'read-objects': { readonly refs: readonly ObjectRef[] };
  /** Ask discovery afresh. */
  rediscover: { readonly kinds: readonly string[] };
  /** Find out whether kinds (`Kind.group`) are gone for sure: by a fresh discovery, and by their definitions. */
  'prove-gone': { readonly kinds: readonly string[] };
  /** Save the inventory; it becomes the current one when it is on disk. */
  'write-journal': { readonly inventory: Inventory };
  /** Bring the ApplySet parent to the scope. */
  'write-parent': { readonly scope: SetScope; readonly version: string };
  /** Make a namespace that the set does not own. */
  'ensure-namespace': { readonly name: string };
  /** Ask the server whether it would take the object. */
  'dry-run': { readonly object: DesiredObject; readonly force: boolean };
  /** Ask whether a foreign object is as wanted already. */
  compare: { readonly object: DesiredObject };
  /** Ask whether the object could be created anew under another name. */
  'prove-create': { readonly object: DesiredObject };
  /** Server-side apply. */
  apply: {
    readonly object: DesiredObject;
    readonly force: boolean;
    readonly reason: ApplyReason;
    /** Pointers that we own now and leave to others from this apply on: their values are kept. */
    readonly handOver: readonly string[];
  };
  /** Delete under UID and resourceVersion preconditions. */
  delete: {
    readonly ref: ObjectRef;
    readonly key: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly cause: DeleteCause;
  };
  /** Take our labels off an object and leave it. */
  release: {
    readonly ref: ObjectRef;
    readonly key: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
  /** Delete the parent of a set without members and forget the assignment's records. */
  'forget-assignment': Record<never, never>;
}

/** One kind of step. */
export type StepKind = keyof StepMap;

/** One step as data. */
export type Step = { [Kind in StepKind]: { readonly kind: Kind } & StepMap[Kind] }[StepKind];

/** The step of one kind. */
export type StepOf<Kind extends StepKind> = { readonly kind: Kind } & StepMap[Kind];
