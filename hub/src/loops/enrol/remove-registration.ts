import { type ClusterName, type ClusterUid, FlotillaError } from '@flotilla/shared/base';
import type { Registration } from '../../core/enrol/index.ts';
import { conflictsMax, type EnrolDeps } from './deps.ts';
import { type EnrolRecords, enrolRecords, type Stored } from './records.ts';

/** The records changed all the time; the cluster is still registered. */
export class RemoveConflictError extends FlotillaError {
  override readonly name = 'RemoveConflictError';
}

/** What a removal needs. */
export type RemovalDeps = Pick<EnrolDeps, 'tokens' | 'clusters' | 'clock' | 'log'>;

/**
 * Removes a cluster's registration: its agent is refused from the next connection on, and no token brings its uid back.
 * Resolves to what was removed; undefined = no such cluster. A crash before the mark stands leaves the cluster
 * registered: doing it again is always right.
 */
export async function removeRegistration(
  deps: RemovalDeps,
  uid: ClusterUid,
  signal: AbortSignal,
): Promise<Registration | undefined> {
  const removing = { ...deps, records: enrolRecords(deps) };
  for (let attempt = 0; attempt < conflictsMax; attempt += 1) {
    const stored = await removing.records.registration(uid, signal);
    if (stored === undefined) return undefined;
    if (!(await removeOnce(removing, stored, signal))) continue;
    return stored.value;
  }
  throw new RemoveConflictError(`the record of cluster ${uid} changed all the time`, {
    code: 'REMOVE_CONFLICT',
    retry: 'backoff',
  });
}

/** The uid of the cluster that is registered under a name; undefined = none. */
export async function findRegistered(
  deps: Pick<EnrolDeps, 'tokens' | 'clusters'>,
  name: ClusterName,
  signal: AbortSignal,
): Promise<Registration | undefined> {
  const records = enrolRecords(deps);
  const claim = await records.claim(name, signal);
  if (claim === undefined) return undefined;
  const registration = (await records.registration(claim.value.uid, signal))?.value;
  return registration?.name === name ? registration : undefined;
}

type Removing = RemovalDeps & { readonly records: EnrolRecords };

/**
 * Tokens first, so that their holders are told why; then the mark in the place of the record, which decides; then the
 * name. False = somebody else wrote in between, begin again.
 */
async function removeOnce(
  removing: Removing,
  { value: registration, revision }: Stored<Registration>,
  signal: AbortSignal,
): Promise<boolean> {
  const { records, clock } = removing;
  const { uid, name } = registration;
  if (!(await withdrawTokens(removing, registration, signal))) return false;
  const removed = { uid, name, removedAtMs: Math.floor(clock.wallMs()) };
  if ((await records.putRemoved(removed, revision, signal)) === undefined) return false;
  const claim = await records.claim(name, signal);
  // A name that stays is free all the same: nothing stands behind it.
  if (claim?.value.uid === uid) await records.removeClaim(name, claim.revision, signal);
  return true;
}

/**
 * Withdraws every token that leads to the cluster: also one that a hub bound to it and died before it was on its record. A
 * token record that cannot be read is left as it is, and said: it redeems nothing as long as it is so, and should
 * somebody mend it, the mark under the uid refuses it.
 */
async function withdrawTokens(
  { records, log }: Removing,
  registration: Registration,
  signal: AbortSignal,
): Promise<boolean> {
  const used = new Set(registration.tokens.map(({ id }) => id));
  const { readable, unreadable } = await records.allTokens(signal);
  for (const { key, text } of unreadable) {
    log.warn('a join token cannot be read, and is left as it is', { reason: `${key}: ${text}` });
  }
  for (const { value: token, revision } of readable) {
    const isOurs = token.redemption?.uid === registration.uid || used.has(token.id);
    if (!isOurs || token.isWithdrawn) continue;
    if ((await records.putToken({ ...token, isWithdrawn: true }, revision, signal)) === undefined)
      return false;
  }
  return true;
}
