import { limits } from '@flotilla/shared/base';
import {
  isClaimKey,
  judgeName,
  parseClaim,
  parseClusterRecord,
  parseToken,
  type Registration,
} from '../../core/enrol/index.ts';
import type { BucketEntry } from '../../ports.ts';
import type { EnrolDeps } from './deps.ts';
import { type EnrolRecords, enrolRecords, usable } from './records.ts';

/** How long a token is remembered after its end, so that a late use still gets the right message. */
const rememberedMs = 7 * 86_400_000;

/** How long the mark of a removed cluster stays: no token that was bound to it lives longer. */
const markedMs = limits.joinTokenLifeMsMax + rememberedMs;

interface Sweeping {
  readonly records: EnrolRecords;
  readonly nowMs: number;
}

/**
 * Removes tokens that ended a week ago, names that no cluster and no live token stands behind, marks of removed clusters
 * that no token can lead to any more, and registrations that a hub wrote and died before anybody was told, while another
 * cluster got their name. Returns how many records went. What
 * somebody else changes meanwhile is left for the next time.
 */
export async function sweepEnrolment(
  deps: Pick<EnrolDeps, 'tokens' | 'clusters' | 'clock'>,
  signal: AbortSignal,
): Promise<number> {
  const sweeping = { records: enrolRecords(deps), nowMs: deps.clock.wallMs() };
  let removed = 0;
  for (const entry of await deps.tokens.list(signal)) {
    const isOverdue = isClaimKey(entry.key)
      ? await isForsaken(sweeping, entry, signal)
      : usable(parseToken(entry.value), entry.key).expiresAtMs + rememberedMs < sweeping.nowMs;
    if (isOverdue && (await deps.tokens.remove(entry.key, entry.revision, signal))) removed += 1;
  }
  for (const entry of await deps.clusters.list(signal)) {
    const record = usable(parseClusterRecord(entry.value), entry.key);
    const isOverdue =
      record.kind === 'removed'
        ? record.removed.removedAtMs + markedMs < sweeping.nowMs
        : await isOutnamed(sweeping, record.registration, signal);
    if (isOverdue && (await deps.clusters.remove(entry.key, entry.revision, signal))) removed += 1;
  }
  return removed;
}

/**
 * Whether another registered cluster holds this one's name for good. A name without a record removes nobody: records may
 * have been lost, clusters have not.
 */
async function isOutnamed(
  { records }: Sweeping,
  registration: Registration,
  signal: AbortSignal,
): Promise<boolean> {
  const { uid, name } = registration;
  const claim = (await records.claim(name, signal))?.value;
  if (claim === undefined || !claim.isConfirmed || claim.uid === uid) return false;
  return (await records.registration(claim.uid, signal))?.value.name === name;
}

/** Whether a stranger would be given that name now. */
async function isForsaken(
  { records, nowMs }: Sweeping,
  entry: BucketEntry,
  signal: AbortSignal,
): Promise<boolean> {
  const claim = usable(parseClaim(entry.value), entry.key);
  const claimToken = await records.token(claim.tokenId, signal);
  if (claimToken === undefined) {
    const registration = await records.registration(claim.uid, signal);
    return registration?.value.name !== claim.name;
  }
  // Asked as somebody else: neither a rejoin nor the holder of the key.
  const token = { ...claimToken.value, rejoinUid: undefined };
  const registration = (await records.registration(claim.uid, signal))?.value;
  const facts = {
    name: claim.name,
    token,
    keyHash: '',
    claim,
    registration,
    claimToken: claimToken.value,
    nowMs,
  };
  return judgeName(facts).kind === 'free';
}
