import { type ClusterName, type ClusterUid, formatDurationMs } from '@flotilla/shared/base';
import type { NameClaim } from './name-claim.ts';
import { isRevoked, type Registration } from './registration.ts';
import type { TokenRecord } from './token-record.ts';

/** Everything that is known about a wished name. */
export interface NameFacts {
  readonly name: ClusterName;
  /** The token that is being redeemed. */
  readonly token: TokenRecord;
  readonly keyHash: string;
  /** Who has the name; undefined = nobody ever. */
  readonly claim: NameClaim | undefined;
  /** Registration of the claim's uid. */
  readonly registration: Registration | undefined;
  /** The token that took the name. */
  readonly claimToken: TokenRecord | undefined;
  readonly nowMs: number;
}

/** Why a name is not given. */
export interface NameRefusal {
  readonly code: 'NAME_TAKEN' | 'TOKEN_WITHDRAWN';
  readonly text: string;
}

/** What becomes of a wished name. */
export type NameVerdict =
  /**
   * Nobody has it, or who had it left nothing behind: a new cluster. `uid` = the same agent (by its key) began to take
   * it with another token: it goes on as that cluster.
   */
  | { readonly kind: 'free'; readonly uid: ClusterUid | undefined }
  /** The caller is this registered cluster: it keeps its uid. */
  | { readonly kind: 'rejoin'; readonly uid: ClusterUid }
  | { readonly kind: 'refused'; readonly refusal: NameRefusal };

/**
 * Judges a name. A registered one goes only to a token that was made for that cluster, or to the holder of its key: the
 * token alone, or a kube-system uid that the agent tells of itself, proves nothing.
 */
export function judgeName(facts: NameFacts): NameVerdict {
  const { name, token, claim, registration, keyHash, nowMs } = facts;
  if (token.rejoinUid !== undefined) return judgeRejoin(facts, token.rejoinUid);
  if (claim === undefined) return { kind: 'free', uid: undefined };
  // A claim whose cluster is registered under another name is a leftover of an agent that changed its wish.
  if (registration?.name === name) {
    const isHolder =
      registration.certificates.some((one) => one.keyHash === keyHash) && !isRevoked(registration, keyHash);
    if (isHolder) return { kind: 'rejoin', uid: registration.uid };
    return refused(
      'NAME_TAKEN',
      `the name ${name} belongs to cluster ${registration.uid}, registered ` +
        `${formatDurationMs(nowMs - registration.registeredAtMs)} ago: choose another name, remove that cluster with ` +
        `"flotilla cluster remove ${name}", or make a token for it with "flotilla cluster join-command ${name} --rejoin"`,
    );
  }
  if (!isLive(facts)) return { kind: 'free', uid: undefined };
  if (facts.claimToken?.redemption?.keyHash === keyHash) return { kind: 'free', uid: claim.uid };
  return refused(
    'NAME_TAKEN',
    `the name ${name} is being given to another agent that holds token ${claim.tokenId}: choose another name, or wait ` +
      `until that token ends in ${formatDurationMs((facts.claimToken?.expiresAtMs ?? nowMs) - nowMs)}`,
  );
}

function judgeRejoin({ name, registration, token }: NameFacts, uid: ClusterUid): NameVerdict {
  if (registration?.uid === uid) return { kind: 'rejoin', uid };
  return refused(
    'TOKEN_WITHDRAWN',
    `join token ${token.id} was made for cluster ${name} (${uid}), which is not registered any more: make a new one ` +
      `with "flotilla cluster join-command ${name}"`,
  );
}

/** Whether the claim's token may still turn it into a registration. */
function isLive({ name, claim, claimToken, nowMs }: NameFacts): boolean {
  if (claim?.isConfirmed === true) return false;
  if (claimToken === undefined || claimToken.isWithdrawn || nowMs >= claimToken.expiresAtMs) return false;
  const { redemption } = claimToken;
  return redemption?.uid === claim?.uid && redemption?.name === name;
}

function refused(code: NameRefusal['code'], text: string): NameVerdict {
  return { kind: 'refused', refusal: { code, text } };
}
