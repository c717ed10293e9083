import type { ClusterName } from '@flotilla/shared/base';
import { err, ok, type Result } from '@flotilla/shared/base';
import {
  isRevoked,
  judgeName,
  judgePeer,
  type NameClaim,
  type NameFacts,
  newRegistration,
  type Redemption,
  type Registration,
  type TokenRecord,
  takenOver,
  withCertificate,
} from '../../core/enrol/index.ts';
import type { EnrolAnswer, EnrolRefusal } from '../../enrolment-port.ts';
import { type CheckedCall, shownWord } from './check-call.ts';
import type { EnrolWork } from './deps.ts';
import { issueIdentity } from './issue-identity.ts';
import { type EnrolRecords, registrationOf } from './records.ts';

/** A redeemed token in the hands of the one who holds its key. */
export interface Settling {
  readonly call: CheckedCall;
  readonly token: TokenRecord;
  readonly redemption: Redemption;
  readonly tokenRevision: number;
  /** True when the token's record was written a moment ago by this very call. */
  readonly isJustBound: boolean;
}

type Outcome = Result<EnrolAnswer, EnrolRefusal> | undefined;

/** Reads everything that is known about a name. */
export async function nameFactsOf(
  { records, clock }: EnrolWork,
  wish: { readonly name: ClusterName; readonly token: TokenRecord; readonly keyHash: string },
  signal: AbortSignal,
): Promise<NameFacts> {
  const claim = await records.claim(wish.name, signal);
  const uid = wish.token.rejoinUid ?? claim?.value.uid;
  const registration = uid === undefined ? undefined : await records.registration(uid, signal);
  const claimToken = claim === undefined ? undefined : await records.token(claim.value.tokenId, signal);
  return {
    ...wish,
    claim: claim?.value,
    registration: registration?.value,
    claimToken: claimToken?.value,
    nowMs: clock.wallMs(),
  };
}

/**
 * Makes true what a redeemed token says: the name is taken, the cluster registered, the certificate remembered; then the
 * answer. Each step is done only where it is missing. Undefined = somebody else wrote in between, begin again.
 */
export async function settle(work: EnrolWork, settling: Settling, signal: AbortSignal): Promise<Outcome> {
  const { call, redemption } = settling;
  const record = await work.records.cluster(redemption.uid, signal);
  if (record?.value.kind === 'removed') return err(gone(settling.token));
  const stored = record && registrationOf(record);
  if (stored !== undefined && stored.value.name !== redemption.name) {
    return rebind(work, settling, { name: stored.value.name }, signal);
  }
  if (redemption.kind === 'join') {
    const claimed = await takeName(work, settling, signal);
    if (claimed !== 'mine') return claimed;
  }
  const base = baseOf(settling, stored?.value, work.clock.wallMs());
  if (!base.ok) return base;
  if (stored === undefined && !settling.isJustBound) {
    // A removal withdraws the token before it deletes the record: a token that can still be written was not removed.
    const touched = await work.records.putToken(settling.token, settling.tokenRevision, signal);
    if (touched === undefined) return undefined;
  }
  const fresh = await issueIdentity(work, redemption.uid, call);
  const registration = withCertificate(base.value, fresh.issued, work.clock.wallMs());
  const revision = await work.records.putRegistration(registration, stored?.revision ?? 0, signal);
  if (revision === undefined) return undefined;
  const conclusion = await conclude(work, settling, { isNew: stored === undefined, revision }, signal);
  if (conclusion !== 'settled') return conclusion;
  return ok({
    hubId: work.hubId,
    clusterUid: registration.uid,
    clusterName: registration.name,
    agentsAddress: work.whereabouts().agentsAddress,
    ...fresh.answer,
  });
}

/** Takes the name, unless it is ours already. */
async function takeName(work: EnrolWork, settling: Settling, signal: AbortSignal): Promise<'mine' | Outcome> {
  const { token, redemption } = settling;
  const { name, uid, keyHash } = redemption;
  const stored = await work.records.claim(name, signal);
  if (stored?.value.uid === uid) return 'mine';
  if (redemption.isSettled) return err(gone(token));
  const verdict = judgeName(await nameFactsOf(work, { name, token, keyHash }, signal));
  if (verdict.kind === 'refused') return err(verdict.refusal);
  // Meanwhile the same agent became a cluster of that name by another token.
  if (verdict.uid !== undefined) {
    const kind = verdict.kind === 'free' ? 'join' : 'rejoin';
    return rebind(work, settling, { uid: verdict.uid, kind }, signal);
  }
  const claim = { name, uid, tokenId: token.id, isConfirmed: false };
  const revision = await work.records.putClaim(claim, stored?.revision ?? 0, signal);
  if (revision === undefined) return undefined;
  if (stored !== undefined) await evict(work, stored.value, signal);
  return 'mine';
}

/** Binds a token that was never answered to what its agent turned out to be; then all begins again. */
async function rebind(
  { records }: EnrolWork,
  { token, redemption, tokenRevision }: Settling,
  truth: Partial<Redemption>,
  signal: AbortSignal,
): Promise<undefined> {
  await records.putToken({ ...token, redemption: { ...redemption, ...truth } }, tokenRevision, signal);
  return undefined;
}

/** Removes what a crashed redemption left under a name that was just taken over: nobody was told of it. */
async function evict({ records }: EnrolWork, claim: NameClaim, signal: AbortSignal): Promise<void> {
  const left = await records.registration(claim.uid, signal);
  if (left?.value.name === claim.name) await records.dropRegistration(claim.uid, left.revision, signal);
}

/** The registration to which the new certificate is added. */
function baseOf(
  { call, token, redemption }: Settling,
  there: Registration | undefined,
  nowMs: number,
): Result<Registration, EnrolRefusal> {
  const claims = {
    natsUserKey: call.natsUserKey,
    kubeSystemUid: shownWord(call.kubeSystemUid),
    agentVersion: shownWord(call.agentVersion),
  };
  if (there === undefined && redemption.kind === 'join')
    return ok(newRegistration(token, redemption, claims));
  // Also a token that was redeemed before somebody else joined again under that name.
  const refusal = judgePeer(there, { uid: redemption.uid, keyHash: redemption.keyHash });
  if (refusal !== undefined) return err(refusal);
  if (there === undefined || isRevoked(there, redemption.keyHash)) return err(gone(token));
  const isOther = !there.tokens.some((one) => one.id === token.id);
  return ok({ ...(isOther ? takenOver(there, token, redemption.keyHash, nowMs) : there), ...claims });
}

/**
 * Marks the token as answered, unless a removal or another call changed what it stands for since it was read. What was
 * written meanwhile is taken back then, so that a removed cluster does not come back to life.
 */
async function conclude(
  { records }: EnrolWork,
  { token, redemption }: Settling,
  written: { readonly isNew: boolean; readonly revision: number },
  signal: AbortSignal,
): Promise<'settled' | Outcome> {
  const isNamed = await confirmName(records, redemption, signal);
  if (isNamed === undefined) return undefined;
  const now = await records.token(token.id, signal);
  const bound = now?.value.isWithdrawn === true ? undefined : now?.value.redemption;
  if (now !== undefined && isNamed && bound?.uid === redemption.uid) {
    if (bound.isSettled) return 'settled';
    const settled = { ...now.value, redemption: { ...bound, isSettled: true } };
    return (await records.putToken(settled, now.revision, signal)) === undefined ? undefined : 'settled';
  }
  if (written.isNew) await records.dropRegistration(redemption.uid, written.revision, signal);
  return bound === undefined ? err(gone(token)) : undefined;
}

/** Whether the name is this cluster's for good; undefined = somebody else wrote in between. */
async function confirmName(
  records: EnrolRecords,
  { name, uid }: Redemption,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const claim = await records.claim(name, signal);
  if (claim?.value.uid !== uid) return false;
  if (claim.value.isConfirmed) return true;
  const confirmed = { ...claim.value, isConfirmed: true };
  return (await records.putClaim(confirmed, claim.revision, signal)) === undefined ? undefined : true;
}

function gone(token: TokenRecord): EnrolRefusal {
  return {
    code: 'TOKEN_WITHDRAWN',
    text: `the cluster of join token ${token.id} was removed: make a new one with "flotilla cluster join-command"`,
  };
}
