import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signWith,
  verify as verifyWith,
} from 'node:crypto';
import { FlotillaError } from '../base/index.ts';

/** A text is not the nkey that was asked for. The text itself is never quoted: it may be a seed. */
export class NkeyError extends FlotillaError {
  override readonly name = 'NkeyError';
}

/** What an nkey stands for; a public key starts with that letter, a seed with S and the letter. */
export type NkeyKind = 'operator' | 'account' | 'user';

/** An Ed25519 key pair in the encoding of NATS. The seed is a secret. */
export interface NkeyPair {
  readonly kind: NkeyKind;
  /** 56 base32 characters, for example `UA...`. */
  readonly publicKey: string;
  /** 58 base32 characters, for example `SU...`. */
  readonly seed: string;
  /** Ed25519 signature, 64 bytes. */
  sign(data: string | Uint8Array): Uint8Array;
}

// First byte of the encoded form: its upper five bits are the letter (nkeys specification, prefix table).
const prefixBytes = { operator: 14 << 3, account: 0, user: 20 << 3 } as const satisfies Record<
  NkeyKind,
  number
>;
const seedPrefix = 18 << 3;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const keyBytes = 32;

// RFC 8410: what stands before the raw key in PKCS#8 and SubjectPublicKeyInfo.
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');

/** Makes a new pair from the operating system's randomness. */
export function createNkey(kind: NkeyKind): NkeyPair {
  const { privateKey } = generateKeyPairSync('ed25519');
  return pairOf(kind, privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-keyBytes));
}

/** Reads a seed. Throws NkeyError when it is damaged or of another kind. */
export function readNkeySeed(kind: NkeyKind, seed: string): NkeyPair {
  const bytes = decode(seed, 2 + keyBytes, `a NATS ${kind} seed`);
  const [first = 0, second = 0] = bytes;
  const isSeed = (first & 0xf8) === seedPrefix;
  const prefix = ((first & 0x07) << 5) | (second >> 3);
  if (!isSeed || prefix !== prefixBytes[kind]) throw wrong(`a NATS ${kind} seed`, 'another kind of key');
  return pairOf(kind, bytes.subarray(2));
}

/** Whether a text is a well-formed public key of that kind, checksum included. */
export function isNkeyPublic(kind: NkeyKind, text: string): boolean {
  try {
    return rawPublic(kind, text).length === keyBytes;
  } catch {
    return false;
  }
}

/** Checks a signature by the holder of a public nkey. False also when the key is malformed. */
export function verifyNkey(
  kind: NkeyKind,
  publicKey: string,
  signed: { readonly data: string | Uint8Array; readonly signature: Uint8Array },
): boolean {
  if (!isNkeyPublic(kind, publicKey)) return false;
  const der = Buffer.concat([spkiHead, rawPublic(kind, publicKey)]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return verifyWith(null, Buffer.from(signed.data), key, signed.signature);
}

/** Base32 of RFC 4648 without padding, upper case: the alphabet of nkeys and of JWT ids. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let value = 0;
  let bits = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(value >>> (bits - 5)) & 31];
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + alphabet[(value << (5 - bits)) & 31];
}

function pairOf(kind: NkeyKind, raw: Uint8Array): NkeyPair {
  const der = Buffer.concat([pkcs8Head, raw]);
  const privateKey: KeyObject = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicRaw = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(-keyBytes);
  const prefix = prefixBytes[kind];
  // A seed packs two prefixes of five bits each into its first two bytes.
  const seedHead = Uint8Array.of(seedPrefix | (prefix >> 5), (prefix & 31) << 3);
  return {
    kind,
    publicKey: encode(Buffer.concat([Uint8Array.of(prefix), publicRaw])),
    seed: encode(Buffer.concat([seedHead, raw])),
    sign: (data) => signWith(null, Buffer.from(data), privateKey),
  };
}

function rawPublic(kind: NkeyKind, text: string): Uint8Array {
  const bytes = decode(text, 1 + keyBytes, `a NATS ${kind} key`);
  if (bytes[0] !== prefixBytes[kind]) throw wrong(`a NATS ${kind} key`, 'another kind of key');
  return bytes.subarray(1);
}

function encode(bytes: Uint8Array): string {
  const sum = crc16(bytes);
  return base32(Buffer.concat([bytes, Uint8Array.of(sum & 0xff, sum >> 8)]));
}

/** The bytes before the checksum; `length` is how many there must be. */
function decode(text: string, length: number, what: string): Uint8Array {
  if (text.length !== Math.ceil(((length + 2) * 8) / 5)) throw wrong(what, 'its length is wrong');
  const bytes = fromBase32(text);
  const body = bytes?.subarray(0, length);
  if (bytes === undefined || body === undefined) throw wrong(what, 'it is not base32');
  const sum = (bytes[length] ?? 0) | ((bytes[length + 1] ?? 0) << 8);
  if (sum !== crc16(body)) throw wrong(what, 'its checksum does not match');
  return body;
}

function fromBase32(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  let value = 0;
  let bits = 0;
  for (const letter of text) {
    const digit = alphabet.indexOf(letter);
    if (digit < 0) return undefined;
    value = ((value << 5) | digit) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >>> bits) & 0xff);
  }
  return Uint8Array.from(bytes);
}

/** CRC-16/XMODEM, polynomial 0x1021, as nkeys use it. */
function crc16(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum & 0x8000) === 0 ? sum << 1 : (sum << 1) ^ 0x1021;
    sum &= 0xffff;
  }
  return sum;
}

function wrong(what: string, why: string): NkeyError {
  return new NkeyError(`the text is not ${what}: ${why}`, { code: 'NKEY_MALFORMED', retry: 'never' });
}
