import type { ClusterName, ClusterUid, Json, Result } from '@flotilla/shared/base';
import { FlotillaError } from '@flotilla/shared/base';
import {
  type ClusterRecord,
  claimKey,
  encodeClaim,
  encodeRegistration,
  encodeRemoved,
  encodeToken,
  isClaimKey,
  type NameClaim,
  parseClaim,
  parseClusterRecord,
  parseToken,
  type RecordProblem,
  type Registration,
  type RemovedCluster,
  type TokenRecord,
  tokenKey,
} from '../../core/enrol/index.ts';
import type { Bucket, BucketEntry } from '../../ports.ts';

/** A stored record of enrolment cannot be used: written by a newer hub, or damaged. It is left as it is. */
export class EnrolRecordError extends FlotillaError {
  override readonly name = 'EnrolRecordError';
}

/** A record with the revision that a conditional write must name. */
export interface Stored<T> {
  readonly value: T;
  readonly revision: number;
}

/** The records of enrolment, typed. Every write is conditional; undefined or false = somebody else was first. */
export interface EnrolRecords {
  token(id: string, signal: AbortSignal): Promise<Stored<TokenRecord> | undefined>;
  putToken(token: TokenRecord, revision: number, signal: AbortSignal): Promise<number | undefined>;
  claim(name: ClusterName, signal: AbortSignal): Promise<Stored<NameClaim> | undefined>;
  putClaim(claim: NameClaim, revision: number, signal: AbortSignal): Promise<number | undefined>;
  removeClaim(name: ClusterName, revision: number, signal: AbortSignal): Promise<boolean>;
  /** Every token. A record that cannot be read is left as it is, and told apart. */
  allTokens(signal: AbortSignal): Promise<AllTokens>;
  /** What stands under a uid: its registration, or the mark that it was removed. */
  cluster(uid: ClusterUid, signal: AbortSignal): Promise<Stored<ClusterRecord> | undefined>;
  /** Undefined also when the cluster was removed. */
  registration(uid: ClusterUid, signal: AbortSignal): Promise<Stored<Registration> | undefined>;
  putRegistration(
    registration: Registration,
    revision: number,
    signal: AbortSignal,
  ): Promise<number | undefined>;
  /** Puts the mark of a removed cluster in the place of its registration. */
  putRemoved(removed: RemovedCluster, revision: number, signal: AbortSignal): Promise<number | undefined>;
  /** Takes back a registration that nobody was told of: its uid may still be given. */
  dropRegistration(uid: ClusterUid, revision: number, signal: AbortSignal): Promise<boolean>;
}

/** The tokens that are kept. */
export interface AllTokens {
  readonly readable: readonly Stored<TokenRecord>[];
  readonly unreadable: readonly { readonly key: string; readonly text: string }[];
}

/** The typed records over the two buckets. */
export function enrolRecords(buckets: { readonly tokens: Bucket; readonly clusters: Bucket }): EnrolRecords {
  const { tokens, clusters } = buckets;
  return {
    token: (id, signal) => read(tokens, tokenKey(id), parseToken, signal),
    putToken: (token, revision, signal) =>
      tokens.put(tokenKey(token.id), encodeToken(token), revision, signal),
    claim: (name, signal) => read(tokens, claimKey(name), parseClaim, signal),
    putClaim: (claim, revision, signal) =>
      tokens.put(claimKey(claim.name), encodeClaim(claim), revision, signal),
    removeClaim: (name, revision, signal) => tokens.remove(claimKey(name), revision, signal),
    allTokens: async (signal) => sortedOut(await tokens.list(signal)),
    cluster: (uid, signal) => read(clusters, uid, parseClusterRecord, signal),
    async registration(uid, signal) {
      const stored = await read(clusters, uid, parseClusterRecord, signal);
      return stored && registrationOf(stored);
    },
    putRegistration: (registration, revision, signal) =>
      clusters.put(registration.uid, encodeRegistration(registration), revision, signal),
    putRemoved: (removed, revision, signal) =>
      clusters.put(removed.uid, encodeRemoved(removed), revision, signal),
    dropRegistration: (uid, revision, signal) => clusters.remove(uid, revision, signal),
  };
}

async function read<T>(
  bucket: Bucket,
  key: string,
  parse: (value: Json) => Result<T, RecordProblem>,
  signal: AbortSignal,
): Promise<Stored<T> | undefined> {
  const entry = await bucket.get(key, signal);
  return entry === undefined
    ? undefined
    : { value: usable(parse(entry.value), key), revision: entry.revision };
}

/** The registration in a record; undefined = the cluster was removed. */
export function registrationOf({ value, revision }: Stored<ClusterRecord>): Stored<Registration> | undefined {
  return value.kind === 'removed' ? undefined : { value: value.registration, revision };
}

function sortedOut(entries: readonly BucketEntry[]): AllTokens {
  const readable: Stored<TokenRecord>[] = [];
  const unreadable: { key: string; text: string }[] = [];
  for (const { key, value, revision } of entries) {
    if (isClaimKey(key)) continue;
    const parsed = parseToken(value);
    if (parsed.ok) readable.push({ value: parsed.value, revision });
    else unreadable.push({ key, text: parsed.error.text });
  }
  return { readable, unreadable };
}

/** The parsed record, or the error that says why it is not used. */
export function usable<T>(parsed: Result<T, RecordProblem>, key: string): T {
  if (parsed.ok) return parsed.value;
  const { kind, text } = parsed.error;
  const code = kind === 'too-new' ? 'FORMAT_TOO_NEW' : 'RECORD_DAMAGED';
  throw new EnrolRecordError(`record ${key}: ${text}`, { code, retry: 'never' });
}
