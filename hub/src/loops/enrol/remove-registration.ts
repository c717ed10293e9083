import { type ClusterName, type ClusterUid, FlotillaError } from '@flotilla/shared/base';
import type { Registration } from '../../core/enrol/index.ts';
import { conflictsMax, type EnrolDeps } from './deps.ts';
import { type EnrolRecords, enrolRecords, type Stored } from './records.ts';

/** The records changed all the time; the cluster is still registered. */
export class RemoveConflictError extends FlotillaError {
  override readonly name = 'RemoveConflictError';
}

/**
 * Deletes a cluster's registration: its agent is refused from the next connection on, and its tokens bring nothing back.
 * Resolves to what was removed; undefined = no such cluster. Doing it again finishes what a crash left.
 */
export async function removeRegistration(
  deps: Pick<EnrolDeps, 'tokens' | 'clusters'>,
  uid: ClusterUid,
  signal: AbortSignal,
): Promise<Registration | undefined> {
  const records = enrolRecords(deps);
  for (let attempt = 0; attempt < conflictsMax; attempt += 1) {
    const stored = await records.registration(uid, signal);
    if (stored === undefined) return undefined;
    if (!(await removeOnce(records, stored, signal))) continue;
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

/** Tokens first: from then on nobody can bring the registration back; then the record, then its name. */
async function removeOnce(
  records: EnrolRecords,
  { value: registration, revision }: Stored<Registration>,
  signal: AbortSignal,
): Promise<boolean> {
  for (const { id } of registration.tokens) await withdraw(records, id, signal);
  if (!(await records.removeRegistration(registration.uid, revision, signal))) return false;
  const claim = await records.claim(registration.name, signal);
  // A name that stays is free all the same: nothing stands behind it.
  if (claim?.value.uid === registration.uid) {
    await records.removeClaim(registration.name, claim.revision, signal);
  }
  return true;
}

async function withdraw(records: EnrolRecords, id: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const stored = await records.token(id, signal);
    if (stored === undefined || stored.value.isWithdrawn) return;
    const token = { ...stored.value, isWithdrawn: true };
    if ((await records.putToken(token, stored.revision, signal)) !== undefined) return;
  }
}
