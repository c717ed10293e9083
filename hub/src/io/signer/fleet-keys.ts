import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import type { HubId } from '@flotilla/shared/base';
import { parseHubId } from '@flotilla/shared/base';
import { certificatesPem, derBlocks, randomUid, readNkeySeed } from '@flotilla/shared/kit';
import { createNatsKeys, type NatsKeys } from '../nats-accounts/index.ts';
import { identityError } from './identity-error.ts';
import type { IdentityFileName, IdentityFiles } from './identity-files.ts';
import { type Issuer, issueCaCertificate } from './x509.ts';

/** Everything that makes a hub the hub of its fleet, read and checked. Secrets; never logged. */
export interface FleetKeys {
  readonly hubId: HubId;
  readonly trustDomain: string;
  readonly createdAtMs: number;
  /** DER of the root's certificate: what agents trust, and whose key the pin names. */
  readonly rootCertificate: Uint8Array;
  /** DER of the hub CA's certificate: issues everything. */
  readonly hubCaCertificate: Uint8Array;
  readonly hubCa: Issuer;
  readonly rowMacKey: Uint8Array;
  readonly nats: NatsKeys;
}

const formatNow = 1;
const yearMs = 365 * 86_400_000;
/** The root outlives every machine; a new one is brought in by a change of CA, not by its end. */
const rootLifeMs = 20 * yearMs;
const hubCaLifeMs = 10 * yearMs;
/** Agents and hub may disagree on the time a little on the first day. */
const backdateMs = 300_000;
const macKeyBytes = 32;
const rootName = 'Flotilla root CA';
const hubCaName = 'Flotilla hub CA';

/** Makes the keys of a new fleet, as the texts of its files. */
export async function createFleet(trustDomain: string, nowMs: number): Promise<IdentityFiles> {
  const root = newKey();
  const hubCa = newKey();
  const notBeforeMs = nowMs - backdateMs;
  const rootIssuer = { name: rootName, privateKey: root.privateKey };
  const rootCertificate = await issueCaCertificate(rootIssuer, root.publicKey, {
    name: rootName,
    pathLength: 1,
    notBeforeMs,
    notAfterMs: nowMs + rootLifeMs,
  });
  const hubCaCertificate = await issueCaCertificate(rootIssuer, hubCa.publicKey, {
    name: hubCaName,
    pathLength: 0,
    notBeforeMs,
    notAfterMs: nowMs + hubCaLifeMs,
  });
  const nats = createNatsKeys();
  const about = { format: formatNow, hubId: randomUid(), trustDomain, createdAtMs: Math.floor(nowMs) };
  return {
    'identity.json': `${JSON.stringify(about)}\n`,
    'root-ca.cert.pem': certificatesPem([rootCertificate]),
    'root-ca.key.pem': keyPem(root.privateKey),
    'hub-ca.cert.pem': certificatesPem([hubCaCertificate]),
    'hub-ca.key.pem': keyPem(hubCa.privateKey),
    'row-mac.key': `${randomBytes(macKeyBytes).toString('hex')}\n`,
    'nats-operator.seed': `${nats.operator.seed}\n`,
    'nats-sys.seed': `${nats.sys.seed}\n`,
    'nats-hub.seed': `${nats.hub.seed}\n`,
    'nats-fleet.seed': `${nats.fleet.seed}\n`,
    'nats-agents.seed': `${nats.agents.seed}\n`,
  };
}

/** Reads and checks the texts. Rejects with IdentityError naming the file, and never quotes a key. */
export function parseFleet(folder: string, files: IdentityFiles, nowMs: number): FleetKeys {
  const at = (name: IdentityFileName): string => `${folder}/${name}`;
  const about = parseAbout(at('identity.json'), files['identity.json']);
  const rootCertificate = certificateIn(at('root-ca.cert.pem'), files['root-ca.cert.pem']);
  const hubCaCertificate = certificateIn(at('hub-ca.cert.pem'), files['hub-ca.cert.pem']);
  const privateKey = parsed(at('hub-ca.key.pem'), () => createPrivateKey(files['hub-ca.key.pem']));
  const hubCa = new X509Certificate(hubCaCertificate);
  const root = new X509Certificate(rootCertificate);
  if (!hubCa.checkPrivateKey(privateKey)) {
    throw identityError('IDENTITY_MISMATCH', `${at('hub-ca.key.pem')} is not the key of hub-ca.cert.pem`);
  }
  if (!hubCa.checkIssued(root) || !hubCa.verify(root.publicKey)) {
    throw identityError('IDENTITY_MISMATCH', `${at('hub-ca.cert.pem')} was not issued by root-ca.cert.pem`);
  }
  checkValid(at('root-ca.cert.pem'), root, nowMs);
  checkValid(at('hub-ca.cert.pem'), hubCa, nowMs);
  const macHex = files['row-mac.key'].trim();
  if (!/^[0-9a-f]{64}$/.test(macHex)) {
    throw identityError('IDENTITY_DAMAGED', `${at('row-mac.key')} does not hold 64 hex characters`);
  }
  const seed = (kind: 'operator' | 'account', name: SeedFile) =>
    parsed(at(name), () => readNkeySeed(kind, files[name].trim()));
  return {
    ...about,
    rootCertificate,
    hubCaCertificate,
    hubCa: { name: hubCaName, privateKey },
    rowMacKey: Buffer.from(macHex, 'hex'),
    nats: {
      operator: seed('operator', 'nats-operator.seed'),
      sys: seed('account', 'nats-sys.seed'),
      hub: seed('account', 'nats-hub.seed'),
      fleet: seed('account', 'nats-fleet.seed'),
      agents: seed('account', 'nats-agents.seed'),
    },
  };
}

type SeedFile = Extract<IdentityFileName, `nats-${string}`>;

/** A new P-256 key: what every TLS library speaks. */
export function newKey(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** A private key as PKCS#8 PEM. */
export function keyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function parseAbout(path: string, text: string): Pick<FleetKeys, 'hubId' | 'trustDomain' | 'createdAtMs'> {
  const value: unknown = parsed(path, () => JSON.parse(text));
  const record = new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  const format: unknown = record.get('format');
  if (typeof format === 'number' && format > formatNow) {
    throw identityError(
      'FORMAT_TOO_NEW',
      `${path} has format ${format}, this hub knows up to ${formatNow}: start a hub of the version that wrote it`,
    );
  }
  const hubId = parseHubId(String(record.get('hubId')));
  const trustDomain: unknown = record.get('trustDomain');
  const createdAtMs: unknown = record.get('createdAtMs');
  if (
    format !== formatNow ||
    !hubId.ok ||
    typeof trustDomain !== 'string' ||
    typeof createdAtMs !== 'number'
  ) {
    throw identityError(
      'IDENTITY_DAMAGED',
      `${path} does not hold format, hubId, trustDomain and createdAtMs`,
    );
  }
  return { hubId: hubId.value, trustDomain, createdAtMs };
}

function certificateIn(path: string, pem: string): Uint8Array {
  return parsed(path, () => {
    const [der] = derBlocks('CERTIFICATE', pem);
    return new X509Certificate(der ?? '').raw;
  });
}

function parsed<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw identityError('IDENTITY_DAMAGED', `${path} cannot be read: restore it from the backup`, cause);
  }
}

function checkValid(path: string, certificate: X509Certificate, nowMs: number): void {
  const { validFromDate, validToDate } = certificate;
  if (nowMs >= validFromDate.getTime() && nowMs < validToDate.getTime()) return;
  throw identityError(
    'IDENTITY_EXPIRED',
    `${path} is valid from ${validFromDate.toISOString()} to ${validToDate.toISOString()}, and this machine's clock ` +
      `says ${new Date(nowMs).toISOString()}: set the clock, or bring in a new CA`,
  );
}
