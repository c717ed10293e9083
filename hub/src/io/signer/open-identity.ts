import { join } from 'node:path';
import type { Clock, HubId, Result } from '@flotilla/shared/base';
import { parseTrustDomain } from '@flotilla/shared/model';
import type { EnrolmentSigner, PeerIdentity } from '../../enrolment-port.ts';
import { mintNatsAccounts, type NatsAccounts } from '../nats-accounts/index.ts';
import { createFleet, parseFleet } from './fleet-keys.ts';
import { createSigner, type Lives } from './hub-signer.ts';
import { identityError } from './identity-error.ts';
import { createIdentityFiles, readIdentityFiles } from './identity-files.ts';
import { readPeerIdentity } from './peer-identity.ts';
import { issueTlsServer, parseServerNames, type TlsServerMaterial } from './tls-server.ts';

/** What a hub's identity is opened with. */
export interface OpenIdentityOptions {
  /** The hub's data folder, whose lock the caller holds. */
  readonly dataDir: string;
  /** Folder of the keys where it is not `identity` in the data folder; it is only read. */
  readonly identityDir?: string | undefined;
  /** False = a fleet must not begin here: an identity that is not there yet is refused. Default: it may, unless identityDir is given. */
  readonly mayBegin?: boolean;
  /** Used when the fleet begins; later it must be the same. */
  readonly trustDomain: string;
  /** Host names and addresses under which agents reach this hub and its bus; loopback is always added. */
  readonly serverNames: readonly string[];
  readonly clock: Clock;
  /** Default: 7 days for certificates, 24 hours for bus users. */
  readonly lives?: Partial<Lives>;
}

/** The hub's identity: what it is called, what it signs with, and what its listeners show. */
export interface HubIdentity {
  /** One for the life of the fleet; made with its keys. */
  readonly hubId: HubId;
  readonly trustDomain: string;
  readonly signer: EnrolmentSigner;
  /** The operator, accounts and users of the bus. */
  readonly natsAccounts: NatsAccounts;
  /** True when this start made the keys: the fleet begins. */
  readonly isNew: boolean;
  /** For gRPC and bus listeners. */
  tlsServer(): TlsServerMaterial;
  /** Whom a client certificate (DER) names; the agents' listener asks this and nothing else. */
  readPeer(certificateDer: Uint8Array): Result<PeerIdentity, string>;
}

const dayMs = 86_400_000;

/**
 * Opens the identity in `<dataDir>/identity`, or begins a new fleet there. Rejects with IdentityError when the folder is
 * incomplete, damaged, of a newer format or of another trust domain; it is never repaired silently.
 */
export async function openIdentity(options: OpenIdentityOptions): Promise<HubIdentity> {
  const { clock } = options;
  const trustDomain = parseTrustDomain(options.trustDomain);
  if (!trustDomain.ok) throw identityError('SETTING_INVALID', trustDomain.error);
  const serverNames = parseServerNames(options.serverNames);
  if (!serverNames.ok) throw identityError('SETTING_INVALID', serverNames.error);
  const { identityDir, mayBegin = identityDir === undefined } = options;
  const folder = identityDir ?? join(options.dataDir, 'identity');
  const there = await readIdentityFiles(folder);
  if (there === undefined && !mayBegin) {
    throw identityError(
      'IDENTITY_MISSING',
      `there is no identity folder ${folder}: every hub process of a fleet needs the same one, so copy or mount it from a ` +
        'process that works; for a new fleet flotilla-hub nats-config makes it',
    );
  }
  const files = there ?? (await createFleet(trustDomain.value, clock.wallMs()));
  const keys = parseFleet(folder, files, clock.wallMs());
  if (keys.trustDomain !== trustDomain.value) {
    throw identityError(
      'TRUST_DOMAIN_CHANGED',
      `${folder} belongs to trust domain ${keys.trustDomain}, the settings say ${trustDomain.value}: agents' ` +
        'certificates carry the old one, so set it back',
    );
  }
  if (there === undefined) await createIdentityFiles(folder, files);
  const natsAccounts = mintNatsAccounts(keys.nats, keys.createdAtMs);
  const lives = { agentCertificateMs: 7 * dayMs, natsUserMs: dayMs, ...options.lives };
  const material = await issueTlsServer(keys, serverNames.value, clock.wallMs());
  return {
    hubId: keys.hubId,
    trustDomain: keys.trustDomain,
    signer: createSigner(keys, natsAccounts, { clock, lives }),
    natsAccounts,
    isNew: there === undefined,
    tlsServer: () => material,
    readPeer: (certificateDer) => readPeerIdentity(certificateDer, keys.trustDomain),
  };
}
