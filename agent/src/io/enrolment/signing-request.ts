import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

/** A new P-256 key as PKCS#8 PEM. A secret. */
export function newPrivateKeyPem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/**
 * A PKCS#10 request (RFC 2986) for a P-256 key: empty subject, no attributes, because the hub takes nothing from it but
 * the public key and the proof that we hold the private one. DER.
 */
export function signingRequestFor(privateKeyPem: string): Uint8Array {
  const privateKey = createPrivateKey(privateKeyPem);
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const info = sequence(Buffer.from([0x02, 0x01, 0x00]), sequence(), spki, tagged(0xa0, Buffer.alloc(0)));
  const signature = sign('sha256', info, privateKey);
  return sequence(
    info,
    sequence(ecdsaWithSha256),
    tagged(0x03, Buffer.concat([Buffer.from([0]), signature])),
  );
}

/** OBJECT IDENTIFIER 1.2.840.10045.4.3.2 (RFC 5758). */
const ecdsaWithSha256 = Buffer.from('06082a8648ce3d040302', 'hex');

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function tagged(tag: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body]);
}

/** DER wants the shortest form of a length (X.690, 10.1). */
function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}
