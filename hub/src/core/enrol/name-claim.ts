import {
  type ClusterName,
  type ClusterUid,
  type Json,
  parseClusterName,
  parseClusterUid,
  type Result,
} from '@flotilla/shared/base';
import { type RecordProblem, readRecord, recordOf } from './record-fields.ts';

/**
 * A name that is taken: one record for each name, written only when there is none, so that two hub processes cannot give
 * it away twice. It counts while its cluster is registered, or about to be by a live token. Confirming it is the moment
 * at which the name is given for good: whoever took it over before that makes the confirmation fail.
 */
export interface NameClaim {
  readonly name: ClusterName;
  readonly uid: ClusterUid;
  /** Token that took it. */
  readonly tokenId: string;
  /** The registration was written while the claim was this one. */
  readonly isConfirmed: boolean;
}

const claimFormat = 1;
const prefix = 'name.';

/** Key of a name in the bucket of tokens. */
export function claimKey(name: ClusterName): string {
  return `${prefix}${name}`;
}

/** Whether a key of that bucket is a name. */
export function isClaimKey(key: string): boolean {
  return key.startsWith(prefix);
}

/** The record as it is stored. */
export function encodeClaim({ name, uid, tokenId, isConfirmed }: NameClaim): Json {
  return recordOf({ format: claimFormat, name, uid, tokenId, isConfirmed });
}

/** Reads a stored record. */
export function parseClaim(value: unknown): Result<NameClaim, RecordProblem> {
  return readRecord(value, { what: 'a record of a taken name', format: claimFormat }, (fields) => ({
    name: fields.parsed('name', parseClusterName),
    uid: fields.parsed('uid', parseClusterUid),
    tokenId: fields.text('tokenId'),
    isConfirmed: fields.flag('isConfirmed'),
  }));
}
