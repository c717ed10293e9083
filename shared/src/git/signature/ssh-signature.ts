import { Buffer } from 'node:buffer';
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { err, ok, type Result } from '../../base/index.ts';
import { type SshStrings, sshStrings } from './ssh-strings.ts';

/** A signature as `ssh-keygen -Y sign` makes it (OpenSSH, PROTOCOL.sshsig), over a commit. */
export interface SshSignature {
  /** The signer's public key, as it stands in a .pub file before base64. */
  readonly publicKey: Buffer;
  readonly hash: 'sha256' | 'sha512';
  readonly type: string;
  /** Without its type: what the algorithm made, and for hardware keys flags and counter after it. */
  readonly rest: SshStrings;
}

const magic = 'SSHSIG';
/** Git signs under this name, so that a signature over something else counts for no commit. */
const namespace = 'git';
/** Below this a key is within reach of those who can pay (NIST SP 800-131A). */
const rsaBitsMin = 2_048;

/** Reads the armour. The error is a clause about the signature. */
export function parseSshSignature(armored: string): Result<SshSignature, string> {
  const [, encoded] =
    /^\s*-----BEGIN SSH SIGNATURE-----([A-Za-z0-9+/=\s]*)-----END SSH SIGNATURE-----\s*$/.exec(armored) ?? [];
  const data = Buffer.from(encoded ?? '', 'base64');
  if (data.toString('latin1', 0, magic.length) !== magic) return err('is no SSH signature');
  const strings = sshStrings(data.subarray(magic.length));
  const version = strings.uint32();
  const publicKey = strings.next();
  const signedAs = strings.next()?.toString('utf8');
  const reserved = strings.next();
  const hash = strings.next()?.toString('latin1');
  const rest = sshStrings(strings.next() ?? Buffer.alloc(0));
  const type = rest.next()?.toString('latin1');
  if (version !== 1 || publicKey === undefined || reserved === undefined || type === undefined) {
    return err('is an SSH signature that cannot be read');
  }
  if (signedAs !== namespace)
    return err(`is made for ${JSON.stringify(signedAs?.slice(0, 40))}, and not for git`);
  if (hash !== 'sha256' && hash !== 'sha512') return err('rests on a hash that is not accepted');
  return ok({ publicKey, hash, type, rest });
}

/** Whether it covers the payload; the error says why not. Who the key belongs to is not asked here. */
export function checkSshSignature(signature: SshSignature, payload: Buffer): Result<true, string> {
  const { hash, publicKey, rest, type } = signature;
  const signed = Buffer.concat([
    Buffer.from(magic),
    ...[
      Buffer.from(namespace),
      Buffer.alloc(0),
      Buffer.from(hash),
      createHash(hash).update(payload).digest(),
    ].map(sshString),
  ]);
  const key = sshStrings(publicKey);
  const keyType = key.next()?.toString('latin1') ?? '';
  const made = rest.next();
  const algorithm = algorithms[type];
  if (made === undefined || algorithm === undefined || algorithm.keyType !== keyType) {
    return err('is made by an algorithm that is not accepted');
  }
  try {
    const isGood = algorithm.check({ key, made, signed, rest });
    return isGood ? ok(true) : err('does not cover this commit');
  } catch {
    // What node:crypto cannot take for a key or a signature.
    return err('cannot be read with its key');
  }
}

interface Check {
  /** What follows the type in the public key. */
  readonly key: SshStrings;
  readonly made: Buffer;
  readonly signed: Buffer;
  readonly rest: SshStrings;
}

interface Algorithm {
  readonly keyType: string;
  readonly check: (check: Check) => boolean;
}

/** By the type that a signature names (RFC 8332, RFC 5656, RFC 8709, OpenSSH PROTOCOL.u2f). */
const algorithms: Readonly<Record<string, Algorithm>> = {
  'ssh-ed25519': { keyType: 'ssh-ed25519', check: ed25519 },
  'rsa-sha2-256': { keyType: 'ssh-rsa', check: rsa('sha256') },
  'rsa-sha2-512': { keyType: 'ssh-rsa', check: rsa('sha512') },
  'ecdsa-sha2-nistp256': { keyType: 'ecdsa-sha2-nistp256', check: ecdsa('P-256', 'sha256', 32) },
  'ecdsa-sha2-nistp384': { keyType: 'ecdsa-sha2-nistp384', check: ecdsa('P-384', 'sha384', 48) },
  'ecdsa-sha2-nistp521': { keyType: 'ecdsa-sha2-nistp521', check: ecdsa('P-521', 'sha512', 66) },
  'sk-ssh-ed25519@openssh.com': {
    keyType: 'sk-ssh-ed25519@openssh.com',
    check: onHardware(ed25519, 1),
  },
  'sk-ecdsa-sha2-nistp256@openssh.com': {
    keyType: 'sk-ecdsa-sha2-nistp256@openssh.com',
    check: onHardware(ecdsa('P-256', 'sha256', 32), 2),
  },
};

function ed25519({ key, made, signed }: Check): boolean {
  const x = required(key.next());
  return verify(null, signed, jwk({ kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') }), made);
}

function rsa(hash: 'sha256' | 'sha512'): Algorithm['check'] {
  return ({ key, made, signed }) => {
    const [e, n] = [required(key.next()), required(key.next())];
    const publicKey = jwk({ kty: 'RSA', e: unsigned(e), n: unsigned(n) });
    if ((publicKey.asymmetricKeyDetails?.modulusLength ?? 0) < rsaBitsMin) return false;
    return verify(hash, signed, publicKey, made);
  };
}

function ecdsa(crv: string, hash: string, size: number): Algorithm['check'] {
  return ({ key, made, signed }) => {
    required(key.next());
    const point = required(key.next());
    if (point[0] !== 4 || point.length !== 1 + 2 * size) return false;
    const publicKey = jwk({
      kty: 'EC',
      crv,
      x: point.toString('base64url', 1, 1 + size),
      y: point.toString('base64url', 1 + size),
    });
    const parts = sshStrings(made);
    const fixed = [parts.next(), parts.next()].map((part) => padded(required(part), size));
    return verify(hash, signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.concat(fixed));
  };
}

/** A hardware key signs a hash of what is signed, with who asked, and whether it was touched (PROTOCOL.u2f). */
function onHardware(check: Algorithm['check'], keyParts: number): Algorithm['check'] {
  return ({ key, made, signed, rest }) => {
    const parts = Array.from({ length: keyParts }, () => required(key.next()));
    const application = required(key.next());
    const tail = rest.left();
    const [flags = 0] = tail;
    const isTouched = (flags & 1) === 1;
    if (tail.length !== 5 || !isTouched) return false;
    const sha256 = (data: Buffer) => createHash('sha256').update(data).digest();
    const covered = Buffer.concat([sha256(application), tail, sha256(signed)]);
    return check({ key: sshStrings(Buffer.concat(parts.map(sshString))), made, signed: covered, rest });
  };
}

function jwk(key: Readonly<Record<string, string>>): KeyObject {
  return createPublicKey({ key: { ...key }, format: 'jwk' });
}

/** A number of RFC 4251 without the zero that keeps it positive. */
function unsigned(number: Buffer): string {
  return (number[0] === 0 ? number.subarray(1) : number).toString('base64url');
}

function padded(number: Buffer, size: number): Buffer {
  const bare = number[0] === 0 ? number.subarray(1) : number;
  if (bare.length > size) throw new RangeError('a number that is too long for its curve');
  return Buffer.concat([Buffer.alloc(size - bare.length), bare]);
}

function required(part: Buffer | undefined): Buffer {
  if (part === undefined) throw new RangeError('a part is missing');
  return part;
}

function sshString(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
