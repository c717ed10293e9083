import {
  type ClusterName,
  type ClusterUid,
  type Digest,
  type Json,
  parseClusterName,
  parseClusterUid,
  parseDigest,
  type Result,
} from '@flotilla/shared/base';
import { type RecordFields, type RecordProblem, readRecord, recordOf } from './record-fields.ts';

/** A join token as the hub keeps it. The secret itself is nowhere. */
export interface TokenRecord {
  readonly id: string;
  /** sha-256 of the secret. */
  readonly secretHash: Digest;
  readonly createdAtMs: number;
  /** From here on it redeems nothing, also not again. */
  readonly expiresAtMs: number;
  /** Who asked for it, and why ('' = no reason given). */
  readonly createdBy: string;
  readonly reason: string;
  /** Undefined = the agent wishes one. */
  readonly clusterName: ClusterName | undefined;
  /** Set = made for a registered cluster whose agent lost its identity. */
  readonly rejoinUid: ClusterUid | undefined;
  /** What the cluster is labelled with when it joins. */
  readonly labels: { readonly [key: string]: string };
  /** Undefined = not redeemed yet. */
  readonly redemption: Redemption | undefined;
  /** Its cluster was removed: it must not bring it back. */
  readonly isWithdrawn: boolean;
}

/**
 * What a redeemed token was redeemed for. Everything that follows (name, registration) is derived from it, so that a
 * redemption that broke off is finished by asking again.
 */
export interface Redemption {
  /** Hash of the one key that the token is bound to from now on. */
  readonly keyHash: string;
  readonly uid: ClusterUid;
  readonly name: ClusterName;
  readonly atMs: number;
  /** `join` makes a registration, `rejoin` takes one over. */
  readonly kind: 'join' | 'rejoin';
  /** An answer may have been given: from here on uid and name stay. */
  readonly isSettled: boolean;
}

/** Format of the records written now. */
export const tokenFormat = 1;

/** Key of a token in its bucket. */
export function tokenKey(id: string): string {
  return `token.${id}`;
}

/** The record as it is stored. */
export function encodeToken(token: TokenRecord): Json {
  const { redemption, labels, ...rest } = token;
  return recordOf({
    format: tokenFormat,
    ...rest,
    labels: { ...labels },
    redemption: redemption === undefined ? undefined : { ...redemption },
  });
}

/** Reads a stored record. */
export function parseToken(value: unknown): Result<TokenRecord, RecordProblem> {
  return readRecord(value, { what: 'a join token record', format: tokenFormat }, (fields) => ({
    id: fields.text('id'),
    secretHash: fields.parsed('secretHash', parseDigest),
    createdAtMs: fields.integer('createdAtMs'),
    expiresAtMs: fields.integer('expiresAtMs'),
    createdBy: fields.text('createdBy'),
    reason: fields.text('reason'),
    clusterName: hasField(fields, 'clusterName') ? fields.parsed('clusterName', parseClusterName) : undefined,
    rejoinUid: hasField(fields, 'rejoinUid') ? fields.parsed('rejoinUid', parseClusterUid) : undefined,
    labels: fields.texts('labels'),
    redemption: parseRedemption(fields.optional('redemption')),
    isWithdrawn: fields.flag('isWithdrawn'),
  }));
}

function parseRedemption(fields: RecordFields | undefined): Redemption | undefined {
  if (fields === undefined) return undefined;
  return {
    keyHash: fields.text('keyHash'),
    uid: fields.parsed('uid', parseClusterUid),
    name: fields.parsed('name', parseClusterName),
    atMs: fields.integer('atMs'),
    kind: fields.text('kind') === 'rejoin' ? 'rejoin' : 'join',
    isSettled: fields.flag('isSettled'),
  };
}

function hasField(fields: RecordFields, name: string): boolean {
  return fields.optionalText(name) !== undefined;
}
