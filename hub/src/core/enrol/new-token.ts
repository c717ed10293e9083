import type { ClusterName, ClusterUid, Digest } from '@flotilla/shared/base';
import { err, limits, ok, type Result } from '@flotilla/shared/base';
import type { TokenRecord } from './token-record.ts';

/** What a person wants a token for. */
export interface TokenWish {
  /** Undefined = the agent wishes a name. */
  readonly clusterName: ClusterName | undefined;
  /** Set = for the agent of a registered cluster that lost its identity; `clusterName` is its name. */
  readonly rejoinUid: ClusterUid | undefined;
  readonly labels: { readonly [key: string]: string };
  readonly lifeMs: number;
  readonly createdBy: string;
  readonly reason: string;
}

/** What chance gave the new token. */
export interface TokenMaking {
  readonly id: string;
  readonly secretHash: Digest;
  readonly nowMs: number;
}

const labelsMax = 64;

/** Default time in which a token is to be used. */
export const tokenLifeMsDefault = 3_600_000;

/** Makes a token's record, or says what is wrong with the wish. */
export function newToken(
  wish: TokenWish,
  { id, secretHash, nowMs }: TokenMaking,
): Result<TokenRecord, string> {
  const { lifeMs, labels, rejoinUid, clusterName } = wish;
  if (!Number.isSafeInteger(lifeMs) || lifeMs <= 0 || lifeMs > limits.joinTokenLifeMsMax) {
    return err(`a join token lives between 1 ms and ${limits.joinTokenLifeMsMax} ms, not ${lifeMs} ms`);
  }
  const count = Object.keys(labels).length;
  if (count > labelsMax) return err(`${count} labels are more than ${labelsMax}`);
  if (rejoinUid !== undefined && clusterName === undefined) {
    return err('a token for a registered cluster must name it');
  }
  return ok({
    id,
    secretHash,
    createdAtMs: Math.floor(nowMs),
    expiresAtMs: Math.floor(nowMs) + lifeMs,
    createdBy: wish.createdBy,
    reason: wish.reason,
    clusterName,
    rejoinUid,
    labels,
    redemption: undefined,
    isWithdrawn: false,
  });
}
