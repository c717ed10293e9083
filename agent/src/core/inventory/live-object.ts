import type { KubeObject, ManagedFieldsEntry, ObjectRef } from '@flotilla/shared/model';
import { objectKey, refOf } from '@flotilla/shared/model';
import { stripForHealth, wholeForRules } from '../health/index.ts';
import { applySet } from './applyset.ts';
import {
  assignmentLabel,
  fieldManager,
  ownerAnnotation,
  pruneAnnotation,
  resourcePolicyAnnotation,
} from './names.ts';

/**
 * What the agent keeps of an object on the cluster. Small: the live objects of a cluster are all in memory.
 */
export interface LiveObject {
  /** In the version in which it was read. */
  readonly ref: ObjectRef;
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Value of the assignment label; undefined = not labelled. */
  readonly assignment: string | undefined;
  /** Value of the ApplySet member label. */
  readonly partOf: string | undefined;
  /** Mark of the agent that applied it (owner.ts); undefined = none. */
  readonly owner: string | undefined;
  /** Fingerprint of the fields that our apply owns now; undefined when we own none: it was never applied by us. */
  readonly ownedFields: string | undefined;
  readonly isDeleting: boolean;
  /** Carries the annotation that forbids its deletion. */
  readonly isKept: boolean;
  /** `Kind name` of the controlling owner. */
  readonly controller: string | undefined;
  /** What health rules read; every field where `isWhole`. */
  readonly body: KubeObject;
  /** A rule of its placement may read any field of it, and all were read. */
  readonly isWhole: boolean;
}

/** How a live object stands to one assignment. */
export type Ownership =
  /** Labelled as ours and applied by us: may be changed and, with a cause, deleted. */
  | 'member'
  /** Labelled as ours, but our apply is not among its managers: reported, never deleted. */
  | 'orphan'
  /** Applied by us once, but its labels were changed: may be applied again, never deleted. */
  | 'unlabelled'
  /** Labelled as another assignment's. */
  | 'other-assignment'
  /** Labelled as ours, but marked by another agent of ours: of another hub, or of another registration. */
  | 'other-agent'
  /** Member of an ApplySet of another tool. */
  | 'other-set'
  /** Nothing of ours. */
  | 'foreign';

/** Keeps what the agent needs of an object that the API server sent; everything of one that is to be kept whole. */
export function observeObject(object: KubeObject, isWhole = false): LiveObject {
  const ref = refOf(object);
  const { labels, annotations, uid, resourceVersion } = object.metadata;
  const controller = object.metadata.ownerReferences?.find((owner) => owner.controller === true);
  return {
    ref,
    key: objectKey(ref),
    uid: uid ?? '',
    resourceVersion: resourceVersion ?? '',
    assignment: labels?.[assignmentLabel],
    partOf: labels?.[applySet.partOfLabel],
    owner: annotations?.[ownerAnnotation],
    ownedFields: ownedFieldsOf(object),
    isDeleting: (object.metadata.deletionTimestamp ?? '') !== '',
    isKept:
      annotations?.[pruneAnnotation] === 'disabled' || annotations?.[resourcePolicyAnnotation] === 'keep',
    controller: controller === undefined ? undefined : `${controller.kind} ${controller.name}`,
    body: isWhole ? wholeForRules(object) : stripForHealth(object),
    isWhole,
  };
}

/** What tells the members of one set. */
export interface SetIdentity {
  readonly placement: string;
  /** Id of its ApplySet. */
  readonly setId: string;
  /** The mark of this agent; undefined = the set was handed over, and its members may carry any. */
  readonly owner: string | undefined;
}

/** How an object stands to the assignment of a placement. An object without a mark is from before there were marks. */
export function ownershipOf(
  live: Pick<LiveObject, 'assignment' | 'partOf' | 'owner' | 'ownedFields'>,
  { placement, setId, owner }: SetIdentity,
): Ownership {
  const isApplied = live.ownedFields !== undefined;
  const isMarkedByOther = live.owner !== undefined && owner !== undefined && live.owner !== owner;
  const isLabelled = live.assignment === placement && live.partOf === setId;
  if (isLabelled && !isMarkedByOther) return isApplied ? 'member' : 'orphan';
  if (live.assignment !== undefined && live.assignment !== placement) return 'other-assignment';
  if (live.partOf !== undefined && live.partOf !== setId) return 'other-set';
  if (isMarkedByOther) return 'other-agent';
  return isApplied ? 'unlabelled' : 'foreign';
}

/** The entry of our applies among an object's managers. */
export function ourEntry(object: KubeObject): ManagedFieldsEntry | undefined {
  return object.metadata.managedFields?.find(
    (entry) =>
      entry.manager === fieldManager && entry.operation === 'Apply' && (entry.subresource ?? '') === '',
  );
}

/**
 * Fingerprint of the fields that our apply owns. Whoever changes one of them takes it over, so a foreign change always
 * changes this, and it is in the metadata: drift shows without looking at values.
 */
export function ownedFieldsOf(object: KubeObject): string | undefined {
  const entry = ourEntry(object);
  return entry === undefined ? undefined : fingerprint(JSON.stringify(entry.fieldsV1 ?? {}));
}

/** 64 bits of FNV-1a in two lanes, as hex: for comparing with oneself, not against an attacker. */
function fingerprint(text: string): string {
  let first = 0x811c9dc5;
  let second = 0x1b873593;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    first = Math.imul(first ^ code, 0x01000193);
    second = Math.imul(second ^ code, 0x85ebca6b) ^ (second >>> 13);
  }
  return hex(first) + hex(second);
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
