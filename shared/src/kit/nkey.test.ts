import { expect, it } from 'vitest';
import { base32, createNkey, isNkeyPublic, type NkeyKind, readNkeySeed, verifyNkey } from './nkey.ts';

const kinds = [
  ['operator', 'O'],
  ['account', 'A'],
  ['user', 'U'],
] as const;

it.each(kinds)('an %s key starts with %s, and its seed gives the same key again', (kind, letter) => {
  const pair = createNkey(kind);
  expect(pair.publicKey).toMatch(new RegExp(`^${letter}[A-Z2-7]{55}$`));
  expect(pair.seed).toMatch(new RegExp(`^S${letter}[A-Z2-7]{56}$`));
  expect(readNkeySeed(kind, pair.seed).publicKey).toBe(pair.publicKey);
  expect(isNkeyPublic(kind, pair.publicKey)).toBe(true);
});

it('signs what only its own public key verifies', () => {
  const [mine, other] = [createNkey('user'), createNkey('user')];
  const signed = { data: 'nonce', signature: mine.sign('nonce') };
  expect(verifyNkey('user', mine.publicKey, signed)).toBe(true);
  expect(verifyNkey('user', other.publicKey, signed)).toBe(false);
  expect(verifyNkey('user', mine.publicKey, { ...signed, data: 'nonces' })).toBe(false);
});

it('refuses a key of another kind, a damaged one and a cut one, without quoting a seed', () => {
  const pair = createNkey('user');
  const damaged = `${pair.seed.slice(0, 20)}${pair.seed[20] === 'A' ? 'B' : 'A'}${pair.seed.slice(21)}`;
  const attempts: readonly (readonly [NkeyKind, string])[] = [
    ['account', pair.seed],
    ['user', damaged],
    ['user', pair.seed.slice(0, -1)],
    ['user', pair.seed.toLowerCase()],
    ['user', pair.publicKey],
  ];
  for (const [kind, text] of attempts) {
    expect(() => readNkeySeed(kind, text)).toThrow(/is not a NATS/);
    expect(() => readNkeySeed(kind, text)).not.toThrow(text.slice(4));
  }
  expect(isNkeyPublic('account', pair.publicKey)).toBe(false);
  expect(isNkeyPublic('user', `${pair.publicKey.slice(0, -1)}!`)).toBe(false);
});

it('writes base32 without padding as RFC 4648 does', () => {
  expect(['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) => base32(Buffer.from(text)))).toEqual([
    '',
    'MY',
    'MZXQ',
    'MZXW6',
    'MZXW6YQ',
    'MZXW6YTB',
    'MZXW6YTBOI',
  ]);
});
