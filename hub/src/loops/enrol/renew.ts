import { err, FlotillaError, limits, ok } from '@flotilla/shared/base';
import { judgePeer, withCertificate } from '../../core/enrol/index.ts';
import type { PeerIdentity, RenewCall, RenewHandler } from '../../enrolment-port.ts';
import { checkKeys } from './check-call.ts';
import { conflictsMax, type EnrolDeps, type EnrolWork } from './deps.ts';
import { issueIdentity } from './issue-identity.ts';
import { createRateBound } from './rate-bound.ts';
import { enrolRecords } from './records.ts';

/** The cluster's record changed all the time; nothing was given away. */
export class RenewConflictError extends FlotillaError {
  override readonly name = 'RenewConflictError';
}

/**
 * Answers renewals: who is still registered gets a fresh certificate and bus credential, for the same or a new key. The
 * record remembers the certificate before it is handed out. A lost answer costs nothing: the old identity goes on until
 * its end, and asking again is always right.
 */
export function createRenewHandler(deps: EnrolDeps): RenewHandler {
  const work: EnrolWork = { ...deps, records: enrolRecords(deps) };
  const rate = createRateBound({
    perSecond: limits.enrolmentsPerSecond,
    perSecondFromOne: limits.renewalsPerSecondFromOne,
    sourcesMax: limits.enrolmentAddressesMax,
  });
  return async (peer, call, signal) => {
    const retryAfterMs = rate.take(peer.uid, deps.clock.nowMs());
    if (retryAfterMs !== undefined) {
      return err({
        code: 'TOO_MANY',
        text: `too many renewals: come again in ${retryAfterMs} ms`,
        retryAfterMs,
      });
    }
    for (let attempt = 0; attempt < conflictsMax; attempt += 1) {
      const answer = await renewOnce(work, { peer, call }, signal);
      if (answer !== undefined) return answer;
    }
    throw new RenewConflictError(`the record of cluster ${peer.uid} changed all the time`, {
      code: 'RENEW_CONFLICT',
      retry: 'backoff',
    });
  };
}

interface Renewal {
  readonly peer: PeerIdentity;
  readonly call: RenewCall;
}

/** Undefined = somebody else wrote the record in between. */
async function renewOnce(
  work: EnrolWork,
  { peer, call }: Renewal,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<RenewHandler>> | undefined> {
  const { records, clock, log } = work;
  const stored = await records.registration(peer.uid, signal);
  const refusal = judgePeer(stored?.value, peer);
  if (stored === undefined || refusal !== undefined) {
    log.warn('renewal refused', { cluster_uid: peer.uid, code: refusal?.code });
    return err(refusal ?? { code: 'NOT_REGISTERED', text: `cluster ${peer.uid} is not registered` });
  }
  const keys = await checkKeys(work.signer, call);
  if (!keys.ok) return keys;
  const request = { ...call, keyHash: keys.value.keyHash };
  const refusedKey = judgePeer(stored.value, { uid: peer.uid, keyHash: request.keyHash });
  if (refusedKey !== undefined) return err(refusedKey);
  const fresh = await issueIdentity(work, peer.uid, request);
  const registration = {
    ...withCertificate(stored.value, fresh.issued, clock.wallMs()),
    natsUserKey: call.natsUserKey,
  };
  const revision = await records.putRegistration(registration, stored.revision, signal);
  if (revision === undefined) return undefined;
  log.info('identity renewed', { cluster: registration.name, cluster_uid: peer.uid });
  return ok(fresh.answer);
}
