import {
  type ClusterName,
  type ClusterUid,
  type Json,
  ok,
  parseClusterName,
  parseClusterUid,
  type Result,
} from '@flotilla/shared/base';
import { type RecordProblem, readRecord, recordOf } from './record-fields.ts';
import { parseRegistration, type Registration } from './registration.ts';

/**
 * The mark of a removed cluster. It takes the place of the registration under the same key, so that whoever read the
 * records before the removal can no longer write a registration there: a uid that was removed never comes back. Kept
 * until every token that may have been bound to the uid has ended.
 */
export interface RemovedCluster {
  readonly uid: ClusterUid;
  readonly name: ClusterName;
  readonly removedAtMs: number;
}

/** What stands under a uid in the bucket `flotilla-clusters`. */
export type ClusterRecord =
  | { readonly kind: 'registered'; readonly registration: Registration }
  | { readonly kind: 'removed'; readonly removed: RemovedCluster };

/** Not the format of registrations: a program that does not know the mark refuses it as newer than itself. */
const removedFormat = 2;

/** The mark as it is stored. */
export function encodeRemoved({ uid, name, removedAtMs }: RemovedCluster): Json {
  return recordOf({ format: removedFormat, uid, name, removedAtMs });
}

/** Reads whichever of the two is stored. */
export function parseClusterRecord(value: unknown): Result<ClusterRecord, RecordProblem> {
  if (isMark(value)) {
    const what = { what: 'the mark of a removed cluster', format: removedFormat };
    const mark = readRecord(value, what, (fields) => ({
      uid: fields.parsed('uid', parseClusterUid),
      name: fields.parsed('name', parseClusterName),
      removedAtMs: fields.integer('removedAtMs'),
    }));
    return mark.ok ? ok({ kind: 'removed', removed: mark.value }) : mark;
  }
  const registered = parseRegistration(value);
  return registered.ok ? ok({ kind: 'registered', registration: registered.value }) : registered;
}

function isMark(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'removedAtMs' in value;
}
