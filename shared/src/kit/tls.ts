import { createHash, X509Certificate } from 'node:crypto';
import { FlotillaError } from '../base/index.ts';

/** A PEM text does not hold what it should. */
export class PemError extends FlotillaError {
  override readonly name = 'PemError';
}

/** Oldest TLS version that our listeners and clients speak. */
export const tlsVersionMin = 'TLSv1.3';

/** DER bytes as PEM (RFC 7468); `label` is for example CERTIFICATE. */
export function pemOf(label: string, der: Uint8Array): string {
  const body = Buffer.from(der)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
}

/** Certificates one after the other, as files and Node want a chain. */
export function certificatesPem(ders: readonly Uint8Array[]): string {
  return ders.map((der) => pemOf('CERTIFICATE', der)).join('');
}

/** All blocks with that label in a PEM text, as DER. Throws PemError when there is none. */
export function derBlocks(label: string, pem: string): readonly Uint8Array[] {
  const pattern = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`, 'g');
  const blocks = [...pem.matchAll(pattern)].map((match) => Buffer.from(match[1] ?? '', 'base64'));
  if (blocks.length > 0) return blocks;
  throw new PemError(`the text holds no ${label} block`, { code: 'PEM_MISSING', retry: 'never' });
}

/** The pin of a certificate: sha-256 of its public key (SubjectPublicKeyInfo), base64url without padding. */
export function publicKeyPin(certificate: Uint8Array | string): string {
  const { publicKey } = new X509Certificate(certificate);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('base64url');
}

/** When a certificate begins and ends to be valid, milliseconds since 1970. */
export function validityOf(certificate: Uint8Array | string): {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
} {
  const parsed = new X509Certificate(certificate);
  return { notBeforeMs: parsed.validFromDate.getTime(), notAfterMs: parsed.validToDate.getTime() };
}
