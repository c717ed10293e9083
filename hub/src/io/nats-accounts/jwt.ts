import { createHash } from 'node:crypto';
import { type Json, stableJson } from '@flotilla/shared/base';
import { base32, type NkeyPair } from '@flotilla/shared/kit';

/** What a NATS JWT (version 2) says, apart from who issues it. */
export interface NatsClaims {
  /** Name for people; templates of a scoped signing key read it as `name()`. */
  readonly name: string;
  /** Public nkey that the claims are about. */
  readonly subject: string;
  /** Seconds since 1970. */
  readonly issuedAtS: number;
  /** Seconds since 1970; undefined = no end. */
  readonly expiresAtS?: number;
  readonly kind: 'operator' | 'account' | 'user';
  /** The claims of that kind. */
  readonly nats: { readonly [key: string]: Json };
}

const header = { typ: 'JWT', alg: 'ed25519-nkey' } as const;

/** Signs claims; the format of github.com/nats-io/jwt v2. */
export function encodeNatsJwt(claims: NatsClaims, issuer: NkeyPair): string {
  const body = {
    iat: claims.issuedAtS,
    exp: claims.expiresAtS,
    iss: issuer.publicKey,
    name: claims.name,
    sub: claims.subject,
    nats: { ...claims.nats, type: claims.kind, version: 2 },
  };
  // The id is the hash of the claims with an empty id, as the original library makes it; servers do not look at it.
  const id = base32(
    createHash('sha512-256')
      .update(stableJson({ ...body, jti: '' }))
      .digest(),
  );
  const signed = `${segment(header)}.${segment({ ...body, jti: id })}`;
  return `${signed}.${Buffer.from(issuer.sign(signed)).toString('base64url')}`;
}

function segment(value: Json): string {
  return Buffer.from(stableJson(value)).toString('base64url');
}
