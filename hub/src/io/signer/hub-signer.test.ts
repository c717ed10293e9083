import 'reflect-metadata';
import { generateKeyPairSync, type KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterUid, parseClusterUid } from '@flotilla/shared/base';
import { publicKeyPin } from '@flotilla/shared/kit';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HubIdentity, openIdentity } from './open-identity.ts';

let dataDir: string;
let identity: HubIdentity;
const clock = manualClock();
const uid = uidOf('abcdefghijklmnopqrstuvwxyz');

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'flotilla-signer-'));
  identity = await openIdentity({ dataDir, trustDomain: 'fleet.example', serverNames: [], clock });
});
afterAll(() => rm(dataDir, { recursive: true }));

function uidOf(text: string): ClusterUid {
  const parsed = parseClusterUid(text);
  return parsed.ok ? parsed.value : expect.fail(parsed.error);
}

const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const p384 = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };
const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash: 'SHA-256',
};

/** A request that asks for everything it must not get. */
async function greedyCsr(algorithm: webcrypto.AlgorithmIdentifier & object = p256): Promise<Uint8Array> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=admin, O=system:masters',
    keys: keys as webcrypto.CryptoKeyPair,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 3, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: 'url', value: 'spiffe://fleet.example/cluster/zzzzzzzzzzzzzzzzzzzzzzzzzz' },
        { type: 'dns', value: 'localhost' },
      ]),
    ],
  });
  return new Uint8Array(request.rawData);
}

async function issued(csr: Uint8Array): Promise<X509Certificate> {
  const [leaf] = await identity.signer.issueAgentCertificate(uid, csr);
  return new X509Certificate(leaf!);
}

describe('an agent certificate', () => {
  it('takes nothing from the request but its public key', async () => {
    const leaf = await issued(await greedyCsr());

    expect(leaf.subject).toBe(`CN=${uid}`);
    expect(leaf.subjectAltName).toBe(`URI:spiffe://fleet.example/cluster/${uid}`);
    expect(leaf.ca).toBe(false);
    // Node calls the extended key usages keyUsage.
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  });

  it('lasts 7 days and is valid a little before it was made', async () => {
    const leaf = await issued(await greedyCsr());
    const nowMs = clock.wallMs();
    expect(leaf.validFromDate.getTime()).toBe(nowMs - 300_000);
    expect(leaf.validToDate.getTime()).toBe(nowMs + 7 * 86_400_000);
  });

  it('has a serial of its own each time', async () => {
    const csr = await greedyCsr();
    const serials = new Set([(await issued(csr)).serialNumber, (await issued(csr)).serialNumber]);
    expect(serials.size).toBe(2);
  });

  it('may hold an Ed25519 key', async () => {
    const leaf = await issued(await greedyCsr({ name: 'Ed25519' }));
    expect(leaf.publicKey.asymmetricKeyType).toBe('ed25519');
  });
});

describe('a request', () => {
  it('is known by the hash of its key, as the certificate and a pin are', async () => {
    const csr = await greedyCsr();
    const [leaf] = await identity.signer.issueAgentCertificate(uid, csr);
    expect((await identity.signer.readCsr(csr)).keyHash).toBe(publicKeyPin(leaf!));
  });

  it('is refused when somebody else signed it', async () => {
    const csr = await greedyCsr();
    // The last bytes are the signature.
    csr[csr.length - 1] = csr[csr.length - 1]! ^ 1;
    await expect(identity.signer.issueAgentCertificate(uid, csr)).rejects.toMatchObject({ name: 'CsrError' });
    await expect(identity.signer.readCsr(csr)).rejects.toMatchObject({ code: 'CSR_MALFORMED' });
  });

  it('is refused when it carries the key of another', async () => {
    const mine = spkiOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);
    const csr = Buffer.from(await greedyCsr());
    const at = csr.indexOf(mine.subarray(0, 26));
    mine.copy(csr, at);
    await expect(identity.signer.readCsr(csr)).rejects.toThrow(/not signed with its own key/);
  });

  it.each([
    ['an RSA key', rsa, /rsa key, expected P-256 or Ed25519/],
    ['a P-384 key', p384, /secp384r1 key, expected P-256 or Ed25519/],
  ])('is refused for %s', async (_, algorithm, complaint) => {
    await expect(identity.signer.readCsr(await greedyCsr(algorithm))).rejects.toThrow(complaint);
  });

  it.each([
    ['nothing', new Uint8Array(0), /0 bytes/],
    ['rubbish', Buffer.from('-----BEGIN CERTIFICATE REQUEST-----'), /not PKCS#10/],
    ['too much', new Uint8Array(8_193), /8193 bytes/],
  ])('is refused when it is %s', async (_, der, complaint) => {
    await expect(identity.signer.readCsr(der)).rejects.toThrow(complaint);
  });
});

describe('a peer', () => {
  it('is the cluster that its certificate names', async () => {
    const leaf = await issued(await greedyCsr());
    expect(identity.readPeer(leaf.raw)).toEqual({
      ok: true,
      value: { uid, keyHash: publicKeyPin(leaf.raw), serial: leaf.serialNumber.toLowerCase() },
    });
  });

  it('is nobody with a certificate for a server, for another fleet, or with none', async () => {
    const server = new X509Certificate(identity.tlsServer().certPem).raw;
    expect(identity.readPeer(server)).toMatchObject({ ok: false });
    expect(identity.readPeer(Buffer.from('x'))).toMatchObject({ ok: false });
    const elsewhere = await mkdtemp(join(tmpdir(), 'flotilla-signer-'));
    const other = await openIdentity({ dataDir: elsewhere, trustDomain: 'fleet', serverNames: [], clock });
    const [foreign] = await other.signer.issueAgentCertificate(uid, await greedyCsr());
    await rm(elsewhere, { recursive: true });
    expect(identity.readPeer(foreign!)).toMatchObject({ ok: false });
  });
});

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}
