import 'reflect-metadata';
import { createPublicKey, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { FlotillaError, limits } from '@flotilla/shared/base';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate signing request is malformed, or its key is of a kind that we do not certify. */
export class CsrError extends FlotillaError {
  override readonly name = 'CsrError';
}

/** A name and a key that sign certificates. */
export interface Issuer {
  /** Common name; letters, digits, blanks and `-` only. */
  readonly name: string;
  readonly privateKey: KeyObject;
}

/** When a certificate is valid, milliseconds since 1970; X.509 keeps whole seconds. */
export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** What a certificate authority's certificate says. */
export interface CaTemplate extends Validity {
  readonly name: string;
  /** How many authorities may follow below it. */
  readonly pathLength: number;
}

/** What an end entity's certificate says. */
export interface LeafTemplate extends Validity {
  readonly name: string;
  /** The one purpose; hub and agents never share one. */
  readonly purpose: 'server' | 'client';
  readonly altNames: readonly AltName[];
}

/** One subject alternative name. */
export interface AltName {
  readonly type: 'dns' | 'ip' | 'url';
  readonly value: string;
}

/** The only part of a request that is used. */
export interface CsrKey {
  readonly publicKey: KeyObject;
}

const signature = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Makes the certificate of an authority, self-signed when `issuer` has the same key. DER. */
export async function issueCaCertificate(
  issuer: Issuer,
  publicKey: KeyObject,
  template: CaTemplate,
): Promise<Uint8Array> {
  return issue(issuer, publicKey, {
    ...template,
    extensions: [
      new BasicConstraintsExtension(true, template.pathLength, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
}

/** Makes the certificate of a listener or an agent. DER. */
export async function issueLeafCertificate(
  issuer: Issuer,
  publicKey: KeyObject,
  template: LeafTemplate,
): Promise<Uint8Array> {
  const purpose = template.purpose === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth;
  // The library keeps a mutable array of what we only read.
  const names: JsonGeneralNames = template.altNames.map(({ type, value }) => ({ type, value }));
  return issue(issuer, publicKey, {
    ...template,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([purpose]),
      new SubjectAlternativeNameExtension(names),
    ],
  });
}

/**
 * The public key of a PKCS#10 request, after its self-signature was checked: whoever asks holds the key. Names and
 * extensions of the request are not looked at. Rejects with CsrError; P-256 and Ed25519 are taken, because everything
 * that speaks TLS 1.3 to us can use them.
 */
export async function readCsr(der: Uint8Array): Promise<CsrKey> {
  if (der.length === 0 || der.length > limits.csrBytesMax) {
    throw csrError(`the certificate request has ${der.length} bytes, expected 1 to ${limits.csrBytesMax}`);
  }
  const { request, publicKey } = parseCsr(der);
  const kind = kindOfKey(publicKey);
  if (kind !== 'P-256' && kind !== 'Ed25519') {
    throw csrError(`the certificate request is for a ${kind} key, expected P-256 or Ed25519`);
  }
  if (await isSelfSigned(request)) return { publicKey };
  throw csrError('the certificate request is not signed with its own key');
}

function parseCsr(der: Uint8Array): {
  readonly request: Pkcs10CertificateRequest;
  readonly publicKey: KeyObject;
} {
  try {
    const request = new Pkcs10CertificateRequest(Buffer.from(der));
    const spki = Buffer.from(request.publicKey.rawData);
    return { request, publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }) };
  } catch (cause) {
    throw csrError('the certificate request is not PKCS#10 in DER', cause);
  }
}

async function isSelfSigned(request: Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await request.verify();
  } catch (cause) {
    throw csrError('the signature of the certificate request cannot be checked', cause);
  }
}

function kindOfKey(key: KeyObject): string {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType === 'ec') return curve === 'prime256v1' ? 'P-256' : `${curve}`;
  return key.asymmetricKeyType === 'ed25519' ? 'Ed25519' : `${key.asymmetricKeyType}`;
}

async function issue(
  issuer: Issuer,
  publicKey: KeyObject,
  template: Validity & { readonly name: string; readonly extensions: readonly Extension[] },
): Promise<Uint8Array> {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const issuerSpki = createPublicKey(issuer.privateKey).export({ type: 'spki', format: 'der' });
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: `CN=${template.name}`,
    issuer: `CN=${issuer.name}`,
    notBefore: new Date(template.notBeforeMs),
    notAfter: new Date(template.notAfterMs),
    publicKey: spki,
    signingKey: await signingKey(issuer.privateKey),
    signingAlgorithm: signature,
    extensions: [
      ...template.extensions,
      await SubjectKeyIdentifierExtension.create(spki),
      await AuthorityKeyIdentifierExtension.create(issuerSpki),
    ],
  });
  return new Uint8Array(certificate.rawData);
}

function signingKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', pkcs8, signature, false, ['sign']);
}

/** 127 random bits, positive and never zero (RFC 5280, 4.1.2.2 allows up to 20 bytes). */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function csrError(message: string, cause?: unknown): CsrError {
  return new CsrError(message, { code: 'CSR_MALFORMED', retry: 'never', cause });
}
