import { formatDurationMs } from '@flotilla/shared/base';
import type { Redemption, TokenRecord } from './token-record.ts';

/** What stands behind a presented token. */
export interface TokenFacts {
  /** Undefined = no record under that id. */
  readonly token: TokenRecord | undefined;
  /** Whether the presented secret hashes to the stored hash; compared in constant time by the caller. */
  readonly isSecretRight: boolean;
  /** Hash of the presented key, whose possession was proven. */
  readonly keyHash: string;
  readonly nowMs: number;
}

/** Why a token gives nothing. */
export interface TokenRefusal {
  readonly code: 'TOKEN_UNKNOWN' | 'TOKEN_EXPIRED' | 'TOKEN_USED' | 'TOKEN_WITHDRAWN';
  readonly text: string;
}

/** What a presented token is good for. */
export type TokenVerdict =
  /** Unused: may be bound to this key. */
  | { readonly kind: 'open'; readonly token: TokenRecord }
  /** Bound to this very key: the same answer again, because the first may have been lost. */
  | { readonly kind: 'repeat'; readonly token: TokenRecord; readonly redemption: Redemption }
  /** `isAlarm` = a second party shows a token that is in use: a person must hear of it. */
  | { readonly kind: 'refused'; readonly refusal: TokenRefusal; readonly isAlarm: boolean };

const makeNew = 'make a new one with "flotilla cluster join-command"';

/**
 * Judges a token. Who does not know the secret learns nothing but that: not whether the id exists, is used or expired.
 */
export function judgeToken({ token, isSecretRight, keyHash, nowMs }: TokenFacts): TokenVerdict {
  if (token === undefined || !isSecretRight) {
    return refused('TOKEN_UNKNOWN', `this hub knows no such join token: copy it whole, or ${makeNew}`);
  }
  const { redemption } = token;
  // Before the end of its time: a stolen token that is tried late is an alarm all the same.
  if (redemption !== undefined && redemption.keyHash !== keyHash) {
    const text =
      `join token ${token.id} was used ${formatDurationMs(Math.max(0, nowMs - redemption.atMs))} ago for cluster ` +
      `${redemption.name} with key ${redemption.keyHash}, and now with key ${keyHash}: if both were you, ${makeNew}; ` +
      `if not, remove the cluster and find out who read the token`;
    return { ...refused('TOKEN_USED', text), isAlarm: true };
  }
  if (token.isWithdrawn) {
    return refused('TOKEN_WITHDRAWN', `the cluster of join token ${token.id} was removed: ${makeNew}`);
  }
  if (nowMs >= token.expiresAtMs) {
    const agoMs = nowMs - token.expiresAtMs;
    return refused(
      'TOKEN_EXPIRED',
      `join token ${token.id} expired ${formatDurationMs(agoMs)} ago: ${makeNew}`,
    );
  }
  return redemption === undefined ? { kind: 'open', token } : { kind: 'repeat', token, redemption };
}

function refused(
  code: TokenRefusal['code'],
  text: string,
): { readonly kind: 'refused'; readonly refusal: TokenRefusal; readonly isAlarm: false } {
  return { kind: 'refused', refusal: { code, text }, isAlarm: false };
}
