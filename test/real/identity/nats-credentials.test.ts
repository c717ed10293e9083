import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HubIdentity, openIdentity } from '@flotilla/hub/identity';
import { type ClusterUid, parseClusterUid } from '@flotilla/shared/base';
import { createNkey, isNkeyPublic, type NkeyKind, readNkeySeed, verifyNkey } from '@flotilla/shared/kit';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { decode, fromPublic as publicKeyOf } from '@nats-io/jwt';
import { createAccount, createOperator, createUser, fromPublic, fromSeed } from '@nats-io/nkeys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// The judges are the libraries of NATS itself: @nats-io/nkeys and @nats-io/jwt.
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const bytes = (value: string) => new TextEncoder().encode(value);

describe('nkeys', () => {
  const theirs = { operator: createOperator, account: createAccount, user: createUser } as const;
  const kinds: readonly NkeyKind[] = ['operator', 'account', 'user'];

  it.each(kinds)('of ours are read by the library: %s', (kind) => {
    const ours = createNkey(kind);
    const read = fromSeed(bytes(ours.seed));
    expect(read.getPublicKey()).toBe(ours.publicKey);
    expect(text(read.getSeed())).toBe(ours.seed);
    expect(read.verify(bytes('nonce'), ours.sign('nonce'))).toBe(true);
    expect(fromPublic(ours.publicKey).verify(bytes('nonce'), ours.sign('nonce'))).toBe(true);
  });

  it.each(kinds)('of the library are read by us: %s', (kind) => {
    const pair = theirs[kind]();
    expect(readNkeySeed(kind, text(pair.getSeed())).publicKey).toBe(pair.getPublicKey());
    expect(isNkeyPublic(kind, pair.getPublicKey())).toBe(true);
    const signed = { data: 'nonce', signature: pair.sign(bytes('nonce')) };
    expect(verifyNkey(kind, pair.getPublicKey(), signed)).toBe(true);
  });
});

describe('JWTs', () => {
  let dataDir: string;
  let identity: HubIdentity;
  const clock = manualClock();
  const uid = uidOf('abcdefghijklmnopqrstuvwxyz');
  const user = createNkey('user').publicKey;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'flotilla-jwt-'));
    identity = await openIdentity({ dataDir, trustDomain: 'flotilla', serverNames: [], clock });
  });
  afterAll(() => rm(dataDir, { recursive: true }));

  function uidOf(value: string): ClusterUid {
    const parsed = parseClusterUid(value);
    return parsed.ok ? parsed.value : expect.fail(parsed.error);
  }

  /** Decodes with the library and checks the signature with the library's key. */
  function judged(jwt: string) {
    const [head = '', body = '', signature = ''] = jwt.split('.');
    const claims = decode<Record<string, unknown>>(jwt);
    const key = publicKeyOf(claims.iss);
    expect(key.verify(bytes(`${head}.${body}`), Buffer.from(signature, 'base64url'))).toBe(true);
    expect(JSON.parse(text(Buffer.from(head, 'base64url')))).toEqual({ typ: 'JWT', alg: 'ed25519-nkey' });
    return claims;
  }

  it('of the operator signs itself and names the system account', () => {
    const claims = judged(identity.natsAccounts.operatorJwt);
    expect(claims.iss).toBe(claims.sub);
    expect(claims.sub).toMatch(/^O/);
    expect(claims.nats).toMatchObject({
      type: 'operator',
      version: 2,
      system_account: identity.natsAccounts.systemAccountId,
    });
  });

  it('of the accounts are signed by the operator', () => {
    const operator = decode(identity.natsAccounts.operatorJwt).sub;
    for (const { name, id, jwt } of identity.natsAccounts.accounts) {
      const claims = judged(jwt);
      expect(claims).toMatchObject({ iss: operator, sub: id, name, nats: { type: 'account', version: 2 } });
    }
  });

  it('of an agent carry its uid and nothing else, for 24 hours, under the scoped key', () => {
    const fleet = identity.natsAccounts.accounts.find(({ name }) => name === 'FLEET')!;
    const scope = decode<{ signing_keys: { key: string }[] }>(fleet.jwt).nats.signing_keys?.[0];
    const claims = judged(identity.signer.natsUserJwt(uid, user));
    const nowS = Math.floor(clock.wallMs() / 1_000);

    expect(claims).toMatchObject({ name: uid, sub: user, iss: scope!.key, iat: nowS, exp: nowS + 86_400 });
    expect(claims.nats).toEqual({ type: 'user', version: 2, issuer_account: fleet.id });
  });

  it('of two users, or of two moments, have different ids', async () => {
    const [first, other] = [user, createNkey('user').publicKey].map(
      (key) => judged(identity.signer.natsUserJwt(uid, key)).jti,
    );
    await clock.advance(1_000);
    const later = judged(identity.signer.natsUserJwt(uid, user)).jti;
    expect(new Set([first, other, later]).size).toBe(3);
    expect(later).toMatch(/^[A-Z2-7]{52}$/);
  });
});
