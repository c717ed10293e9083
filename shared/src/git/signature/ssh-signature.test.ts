import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkSshSignature, parseSshSignature } from './ssh-signature.ts';

const payload = Buffer.from('tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n');
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest();

function text(bytes: Buffer | string): Buffer {
  const data = Buffer.from(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, data]);
}

interface Made {
  readonly keyType?: string;
  readonly publicParts: readonly Buffer[];
  readonly signature: Buffer;
}

/** The armour around a signature of a type, as PROTOCOL.sshsig lays it out. */
function armor(type: string, { keyType = type, publicParts, signature }: Made): string {
  const publicKey = Buffer.concat([text(keyType), ...publicParts]);
  const version = Buffer.from([0, 0, 0, 1]);
  const parts = [publicKey, 'git', '', 'sha256', signature].map((part) => text(part));
  const data = Buffer.concat([Buffer.from('SSHSIG'), version, ...parts]);
  return `-----BEGIN SSH SIGNATURE-----\n${data.toString('base64')}\n-----END SSH SIGNATURE-----\n`;
}

function check(armored: string): string {
  const signature = parseSshSignature(armored);
  if (!signature.ok) return signature.error;
  const checked = checkSshSignature(signature.value, payload);
  return checked.ok ? 'good' : checked.error;
}

const covered = Buffer.concat([
  Buffer.from('SSHSIG'),
  ...['git', '', 'sha256', sha256(payload)].map((part) => text(part)),
]);

function rawKey(key: KeyObject): Buffer {
  const { x = '', y } = key.export({ format: 'jwk' });
  const parts = [x, ...(y === undefined ? [] : [y])].map((part) => Buffer.from(part, 'base64url'));
  return y === undefined ? Buffer.concat(parts) : Buffer.concat([Buffer.of(4), ...parts]);
}

/** A hardware key signs hashes, flags and a counter; nobody here has one, so its part is played by node:crypto. */
function onHardware(flags: number): { readonly covered: Buffer; readonly tail: Buffer } {
  const tail = Buffer.from([flags, 0, 0, 0, 7]);
  return { covered: Buffer.concat([sha256(Buffer.from('ssh:')), tail, sha256(covered)]), tail };
}

test.each([
  ['touched', 1, 'good'],
  ['touched and with its PIN', 5, 'good'],
  ['not touched', 0, 'does not cover this commit'],
])('a signature by a hardware key that was %s', (_what, flags, verdict) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { covered: signed, tail } = onHardware(flags);
  const type = 'sk-ssh-ed25519@openssh.com';
  const signature = Buffer.concat([text(type), text(sign(null, signed, privateKey)), tail]);

  expect(check(armor(type, { publicParts: [text(rawKey(publicKey)), text('ssh:')], signature }))).toBe(
    verdict,
  );
});

test('a signature by a hardware key on a curve of NIST', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { covered: signed, tail } = onHardware(1);
  const fixed = sign('sha256', signed, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const made = Buffer.concat([text(fixed.subarray(0, 32)), text(fixed.subarray(32))]);
  const type = 'sk-ecdsa-sha2-nistp256@openssh.com';
  const publicParts = [text('nistp256'), text(rawKey(publicKey)), text('ssh:')];

  expect(check(armor(type, { publicParts, signature: Buffer.concat([text(type), text(made), tail]) }))).toBe(
    'good',
  );
});

test('a short RSA key, an old algorithm and a key of another type sign nothing', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const publicParts = [e, n].map((part) => text(Buffer.from(part, 'base64url')));
  const made = text(sign('sha256', covered, privateKey));
  const of = (type: string) =>
    armor(type, { keyType: 'ssh-rsa', publicParts, signature: Buffer.concat([text(type), made]) });

  expect(check(of('rsa-sha2-256'))).toBe('does not cover this commit');
  expect(check(of('ssh-rsa'))).toBe('is made by an algorithm that is not accepted');
  expect(check(of('ssh-ed25519'))).toBe('is made by an algorithm that is not accepted');
});

test.each([
  ['nothing', ''],
  ['other armour', '-----BEGIN PGP SIGNATURE-----\nAAAA\n-----END PGP SIGNATURE-----'],
  ['too few bytes', '-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----'],
])('%s is no signature', (_what, armored) => {
  expect(parseSshSignature(armored).ok).toBe(false);
});
