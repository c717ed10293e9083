import { createHash, type KeyObject } from 'node:crypto';

/** sha-256 of a public key (SubjectPublicKeyInfo), base64url: how records and pins name a key. */
export function keyHashOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}
