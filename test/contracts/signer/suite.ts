import { X509Certificate } from 'node:crypto';
import { newPrivateKeyPem, signingRequestFor } from '@flotilla/agent/identity';
import type { Signer } from '@flotilla/hub/ports';
import { createNkey, publicKeyPin } from '@flotilla/shared/kit';
import { type ClaimsData, decode, type User } from '@nats-io/jwt';
import { expect, test } from 'vitest';
import { uid } from '../status-stream/suite.ts';

/** The keys of one fleet. */
export interface SignerWorld extends AsyncDisposable {
  /** The signer as this, or the next, start of the hub opens it. */
  open(): Promise<Signer>;
  /** The signer of another fleet. */
  openOther(): Promise<Signer>;
}

type MakeWorld = () => Promise<SignerWorld>;

/** The promises of the Signer port, judged by Node's own X.509 and the library of NATS. */
export function signerContract(makeWorld: MakeWorld): void {
  macs(makeWorld);
  certificates(makeWorld);
  busUsers(makeWorld);
}

function macs(makeWorld: MakeWorld): void {
  test('a row has one MAC, also after a restart; another row and another fleet have another', async () => {
    await using world = await makeWorld();
    const signer = await world.open();
    const mac = signer.macRow('a row');
    expect(mac).toMatch(/^[0-9a-f]{64}$/);
    expect((await world.open()).macRow('a row')).toBe(mac);
    expect(signer.macRow('a row ')).not.toBe(mac);
    expect((await world.openOther()).macRow('a row')).not.toBe(mac);
  });
}

function certificates(makeWorld: MakeWorld): void {
  test('a certificate names its cluster, holds the key of the request, and leads to the roots', async () => {
    await using world = await makeWorld();
    const signer = await world.open();
    const key = newPrivateKeyPem();
    const chain = await signer.issueAgentCertificate(uid(1), signingRequestFor(key));
    const [leaf, ...above] = [...chain, ...signer.caBundle].map((der) => new X509Certificate(der));
    expect(leaf?.subjectAltName).toContain(`/cluster/${uid(1)}`);
    expect(leaf?.ca).toBe(false);
    let below = leaf!;
    for (const issuer of above) {
      if (below.fingerprint256 === issuer.fingerprint256) continue;
      expect(below.verify(issuer.publicKey)).toBe(true);
      below = issuer;
    }
    const second = await signer.issueAgentCertificate(uid(1), signingRequestFor(key));
    expect(publicKeyPin(second[0]!)).toBe(publicKeyPin(chain[0]!));
    expect(new X509Certificate(second[0]!).serialNumber).not.toBe(leaf?.serialNumber);
  });

  test('a request that is none, or that somebody changed, is refused', async () => {
    await using world = await makeWorld();
    const signer = await world.open();
    const changed = Uint8Array.from(signingRequestFor(newPrivateKeyPem()));
    // The last bytes are the signature.
    changed[changed.length - 1]! ^= 1;
    for (const csr of [new Uint8Array(0), Buffer.from('rubbish'), changed])
      await expect(signer.issueAgentCertificate(uid(1), csr)).rejects.toMatchObject({
        code: 'CSR_MALFORMED',
      });
  });

  test('roots and pin belong together, stay over a restart, and are not those of another fleet', async () => {
    await using world = await makeWorld();
    const signer = await world.open();
    expect(signer.pin).toBe(publicKeyPin(signer.caBundle[0]!));
    const again = await world.open();
    expect(again.pin).toBe(signer.pin);
    expect(again.caBundle.map((der) => Buffer.from(der).toString('hex'))).toEqual(
      signer.caBundle.map((der) => Buffer.from(der).toString('hex')),
    );
    const other = await world.openOther();
    expect(other.pin).not.toBe(signer.pin);
    const [leaf] = await other.issueAgentCertificate(uid(1), signingRequestFor(newPrivateKeyPem()));
    const roots = signer.caBundle.map((der) => new X509Certificate(der));
    expect(roots.some((root) => new X509Certificate(leaf!).checkIssued(root))).toBe(false);
  });
}

function busUsers(makeWorld: MakeWorld): void {
  test('a bus user is the key that was named, lives for a while, and is signed by one key for the whole fleet', async () => {
    await using world = await makeWorld();
    const signer = await world.open();
    const key = createNkey('user').publicKey;
    const claims = await claimsOf(signer.natsUserJwt(uid(1), key));
    expect(claims.sub).toBe(key);
    expect(claims.exp).toBeGreaterThan(Date.now() / 1_000);
    const second = await claimsOf((await world.open()).natsUserJwt(uid(2), createNkey('user').publicKey));
    expect(second.iss).toBe(claims.iss);
    const foreign = await claimsOf((await world.openOther()).natsUserJwt(uid(1), key));
    expect(foreign.iss).not.toBe(claims.iss);
  });
}

async function claimsOf(jwt: string): Promise<ClaimsData<User>> {
  // decode() checks the signature against the issuer that the token names.
  return await Promise.resolve(decode<User>(jwt));
}
