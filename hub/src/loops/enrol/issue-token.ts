import {
  type ClusterName,
  type ClusterUid,
  err,
  limits,
  ok,
  type Result,
  sha256Hex,
} from '@flotilla/shared/base';
import { randomSecret, randomUid } from '@flotilla/shared/kit';
import { formatJoinToken } from '@flotilla/shared/model';
import { judgeName, newToken, type TokenRecord } from '../../core/enrol/index.ts';
import type { Signer } from '../../ports.ts';
import type { EnrolDeps } from './deps.ts';
import { enrolRecords } from './records.ts';
import { findRegistered } from './remove-registration.ts';

/** What issuing tokens needs. */
export interface TokenDeps extends Pick<EnrolDeps, 'tokens' | 'clusters' | 'clock'> {
  readonly signer: Pick<Signer, 'pin'>;
}

/** A token that a person wants. */
export interface TokenRequest {
  /** Undefined = the agent wishes one. */
  readonly clusterName: ClusterName | undefined;
  /** True = for the agent of the registered cluster of that name, which lost its identity; its labels stay. */
  readonly isRejoin: boolean;
  readonly labels: { readonly [key: string]: string };
  readonly lifeMs: number;
  readonly createdBy: string;
  readonly reason: string;
}

/** A new token: shown once, because the hub keeps only its hash. */
export interface IssuedToken {
  readonly id: string;
  /** `flt1.…`; a secret. */
  readonly token: string;
  readonly expiresAtMs: number;
}

/** Why no token is made. */
export interface TokenNotIssued {
  readonly code: 'NAME_TAKEN' | 'CLUSTER_UNKNOWN' | 'TOO_MANY_TOKENS' | 'REQUEST_INVALID';
  readonly text: string;
}

/** Makes a join token. On disk when resolved. Rejects when the records cannot be reached. */
export async function issueToken(
  deps: TokenDeps,
  request: TokenRequest,
  signal: AbortSignal,
): Promise<Result<IssuedToken, TokenNotIssued>> {
  const secret = randomSecret();
  const making = { id: randomUid(), secretHash: sha256Hex(secret), nowMs: deps.clock.wallMs() };
  const rejoin = request.isRejoin ? await uidOfRegistered(deps, request.clusterName, signal) : ok(undefined);
  if (!rejoin.ok) return rejoin;
  const { isRejoin: _, ...wish } = request;
  const made = newToken({ ...wish, rejoinUid: rejoin.value }, making);
  if (!made.ok) return err({ code: 'REQUEST_INVALID', text: made.error });
  const taken = await nameProblem(deps, made.value, signal);
  if (taken !== undefined) return err(taken);
  const count = (await deps.tokens.list(signal)).length;
  if (count >= limits.enrolmentRecordsMax) {
    const text = `${count} tokens and names are kept, no more than ${limits.enrolmentRecordsMax} may be: wait until old tokens end`;
    return err({ code: 'TOO_MANY_TOKENS', text });
  }
  await enrolRecords(deps).putToken(made.value, 0, signal);
  const { id, expiresAtMs } = made.value;
  return ok({ id, expiresAtMs, token: formatJoinToken({ id, secret, pins: [deps.signer.pin] }) });
}

async function uidOfRegistered(
  deps: Pick<TokenDeps, 'tokens' | 'clusters'>,
  name: ClusterName | undefined,
  signal: AbortSignal,
): Promise<Result<ClusterUid, TokenNotIssued>> {
  const found = name === undefined ? undefined : await findRegistered(deps, name, signal);
  if (found !== undefined) return ok(found.uid);
  return err({ code: 'CLUSTER_UNKNOWN', text: `no cluster is registered as ${name ?? 'nothing'}` });
}

/** Says early what the redemption would say: the name is taken. */
async function nameProblem(
  { tokens, clusters, clock }: TokenDeps,
  token: TokenRecord,
  signal: AbortSignal,
): Promise<TokenNotIssued | undefined> {
  const { clusterName: name } = token;
  if (name === undefined) return undefined;
  const records = enrolRecords({ tokens, clusters });
  const claim = await records.claim(name, signal);
  const uid = token.rejoinUid ?? claim?.value.uid;
  const registration = uid === undefined ? undefined : await records.registration(uid, signal);
  const facts = {
    name,
    token,
    keyHash: '',
    claim: claim?.value,
    claimToken: undefined,
    nowMs: clock.wallMs(),
  };
  const verdict = judgeName({ ...facts, registration: registration?.value });
  return verdict.kind === 'refused' ? { code: 'NAME_TAKEN', text: verdict.refusal.text } : undefined;
}
