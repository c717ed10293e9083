import { createHash, timingSafeEqual } from 'node:crypto';
import { type ClusterUid, err, FlotillaError, limits, type Result } from '@flotilla/shared/base';
import { judgeName, judgeToken, type Redemption, type TokenRecord } from '../../core/enrol/index.ts';
import type { EnrolAnswer, EnrolCall, EnrolHandler, EnrolRefusal } from '../../enrolment-port.ts';
import { type CheckedCall, checkKeys, checkWish } from './check-call.ts';
import { conflictsMax, type EnrolDeps, type EnrolWork } from './deps.ts';
import { createRateBound } from './rate-bound.ts';
import { enrolRecords, type Stored } from './records.ts';
import { nameFactsOf, settle } from './settle.ts';

/** Too many hub processes wrote the same records at the same time; nothing was given away. */
export class EnrolConflictError extends FlotillaError {
  override readonly name = 'EnrolConflictError';
}

/**
 * Answers enrolments: a token becomes an identity once, bound to one key. The token's record is written first and says
 * all that follows from it, so a crash or a lost answer anywhere costs nothing: asking again finishes what is missing.
 */
export function createEnrolHandler(deps: EnrolDeps): EnrolHandler {
  const work: EnrolWork = { ...deps, records: enrolRecords(deps) };
  const rate = createRateBound({
    perSecond: limits.enrolmentsPerSecond,
    perSecondFromOne: limits.enrolmentsPerSecondFromOne,
    sourcesMax: limits.enrolmentAddressesMax,
  });
  return async (call, signal) => {
    const waitMs = rate.take(call.remoteAddress, deps.clock.nowMs());
    if (waitMs !== undefined) return err(tooMany(waitMs));
    const answer = await enrol(work, call, signal);
    if (answer.ok) {
      const { clusterName: cluster, clusterUid } = answer.value;
      deps.log.info('cluster enrolled', { cluster, cluster_uid: clusterUid, address: call.remoteAddress });
    } else {
      deps.log.warn('enrolment refused', { code: answer.error.code, address: call.remoteAddress });
    }
    return answer;
  };
}

async function enrol(
  work: EnrolWork,
  call: EnrolCall,
  signal: AbortSignal,
): Promise<Result<EnrolAnswer, EnrolRefusal>> {
  const stored = await work.records.token(call.tokenId, signal);
  // Only who knows the secret makes us look at the rest: reading a request costs more than a hash.
  if (!isSecretOf(stored?.value, call.tokenSecret)) return refuseStranger(work);
  const keys = await checkKeys(work.signer, call);
  if (!keys.ok) return keys;
  const wish = checkWish(call.wishedName);
  if (!wish.ok) return wish;
  const checked = { ...call, keyHash: keys.value.keyHash, wish: wish.value };
  for (let attempt = 0; attempt < conflictsMax; attempt += 1) {
    const answer = await attemptOnce(work, checked, signal);
    if (answer !== undefined) return answer;
  }
  throw new EnrolConflictError('the records of this enrolment changed all the time', {
    code: 'ENROL_CONFLICT',
    retry: 'backoff',
  });
}

/** One pass from fresh reads; undefined = somebody else wrote in between. */
async function attemptOnce(
  work: EnrolWork,
  call: CheckedCall,
  signal: AbortSignal,
): Promise<Result<EnrolAnswer, EnrolRefusal> | undefined> {
  const stored = await work.records.token(call.tokenId, signal);
  const verdict = judgeToken({
    token: stored?.value,
    isSecretRight: isSecretOf(stored?.value, call.tokenSecret),
    keyHash: call.keyHash,
    nowMs: work.clock.wallMs(),
  });
  if (verdict.kind === 'refused') {
    if (verdict.isAlarm) raiseAlarm(work, call, { token: stored?.value, text: verdict.refusal.text });
    return err(verdict.refusal);
  }
  if (stored === undefined) return undefined;
  if (verdict.kind === 'repeat' && !(await isRenaming(work, call, verdict, signal))) {
    const { token, redemption } = verdict;
    return settle(
      work,
      { call, token, redemption, tokenRevision: stored.revision, isJustBound: false },
      signal,
    );
  }
  return bind(work, call, stored, signal);
}

/** Binds an unused token to the caller's key and name, then goes on with what follows from it. */
async function bind(
  work: EnrolWork,
  call: CheckedCall,
  stored: Stored<TokenRecord>,
  signal: AbortSignal,
): Promise<Result<EnrolAnswer, EnrolRefusal> | undefined> {
  const name = stored.value.clusterName ?? call.wish;
  if (name === undefined) {
    const text =
      'the join token fixes no cluster name and the agent wishes none: start the agent with --cluster-name NAME';
    return err({ code: 'NAME_MISSING', text });
  }
  const facts = await nameFactsOf(work, { name, token: stored.value, keyHash: call.keyHash }, signal);
  const verdict = judgeName(facts);
  if (verdict.kind === 'refused') return err(verdict.refusal);
  // An agent that changes its wish before it was answered does not become somebody else by it.
  if (verdict.uid !== undefined && stored.value.redemption !== undefined) return err(nameTaken(name));
  const redemption: Redemption = {
    keyHash: call.keyHash,
    uid: verdict.uid ?? ownUidOf(stored.value) ?? work.newUid(),
    name,
    atMs: Math.floor(work.clock.wallMs()),
    kind: verdict.kind === 'free' ? 'join' : 'rejoin',
    isSettled: false,
  };
  const token = { ...stored.value, redemption };
  const tokenRevision = await work.records.putToken(token, stored.revision, signal);
  if (tokenRevision === undefined) return undefined;
  return settle(work, { call, token, redemption, tokenRevision, isJustBound: true }, signal);
}

/**
 * The uid that this token brought itself. One that it only joined again is not its own: that cluster may have been removed
 * since, and must not come back by it.
 */
function ownUidOf({ redemption }: TokenRecord): ClusterUid | undefined {
  return redemption?.kind === 'join' ? redemption.uid : undefined;
}

/**
 * Whether an agent whose redemption never became a registration now wishes another name: another agent may have been
 * faster with the first one.
 */
async function isRenaming(
  work: EnrolWork,
  call: CheckedCall,
  { token, redemption }: { readonly token: TokenRecord; readonly redemption: Redemption },
  signal: AbortSignal,
): Promise<boolean> {
  if (token.clusterName !== undefined || call.wish === undefined || call.wish === redemption.name)
    return false;
  return (await work.records.registration(redemption.uid, signal)) === undefined;
}

function isSecretOf(token: TokenRecord | undefined, secret: string): boolean {
  const presented = createHash('sha256').update(secret).digest();
  // Compared with something in any case, so that the time says nothing.
  const expected = Buffer.from(token?.secretHash ?? ''.padEnd(64, '0'), 'hex');
  return timingSafeEqual(presented, expected) && token !== undefined;
}

function refuseStranger(work: EnrolWork): Result<EnrolAnswer, EnrolRefusal> {
  const facts = { token: undefined, isSecretRight: false, keyHash: '', nowMs: work.clock.wallMs() };
  const verdict = judgeToken(facts);
  return err(verdict.kind === 'refused' ? verdict.refusal : tooMany(0));
}

function raiseAlarm(
  { log, onAlarm }: EnrolWork,
  { tokenId, remoteAddress }: CheckedCall,
  { token, text }: { readonly token: TokenRecord | undefined; readonly text: string },
): void {
  const clusterName = token?.redemption?.name ?? '';
  log.error('a join token was used twice', { cluster: clusterName, address: remoteAddress, reason: text });
  onAlarm({ tokenId, clusterName, remoteAddress, text });
}

function nameTaken(name: string): EnrolRefusal {
  return { code: 'NAME_TAKEN', text: `the name ${name} belongs to another cluster: choose another name` };
}

function tooMany(retryAfterMs: number): EnrolRefusal {
  return { code: 'TOO_MANY', text: `too many enrolments: come again in ${retryAfterMs} ms`, retryAfterMs };
}
