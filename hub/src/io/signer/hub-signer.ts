import { createHmac, createSecretKey } from 'node:crypto';
import type { Clock, ClusterUid } from '@flotilla/shared/base';
import { parseDigest } from '@flotilla/shared/base';
import { publicKeyPin } from '@flotilla/shared/kit';
import { clusterSpiffeId } from '@flotilla/shared/model';
import type { EnrolmentSigner } from '../../enrolment-port.ts';
import type { NatsAccounts } from '../nats-accounts/index.ts';
import type { FleetKeys } from './fleet-keys.ts';
import { identityError } from './identity-error.ts';
import { keyHashOf } from './key-hash.ts';
import { issueLeafCertificate, readCsr } from './x509.ts';

/** How long what the signer issues is good for, milliseconds. */
export interface Lives {
  readonly agentCertificateMs: number;
  readonly natsUserMs: number;
}

/** The largest difference of clocks between hub and agent that a new certificate bears. */
const backdateMsMax = 300_000;

/** The port over keys in memory. */
export function createSigner(
  keys: FleetKeys,
  accounts: NatsAccounts,
  { clock, lives }: { readonly clock: Clock; readonly lives: Lives },
): EnrolmentSigner {
  // As a key object once: preparing raw bytes for each row takes five times as long as the MAC itself.
  const rowMacKey = createSecretKey(keys.rowMacKey);
  return {
    caBundle: [keys.rootCertificate],
    pin: publicKeyPin(keys.rootCertificate),
    macRow(input) {
      const mac = parseDigest(createHmac('sha256', rowMacKey).update(input).digest('hex'));
      if (mac.ok) return mac.value;
      throw identityError('MAC_FAILED', 'the row MAC is not a digest');
    },
    async readCsr(csrDer) {
      const { publicKey } = await readCsr(csrDer);
      return { keyHash: keyHashOf(publicKey) };
    },
    async issueAgentCertificate(uid, csrDer) {
      const { publicKey } = await readCsr(csrDer);
      const leaf = await issueLeafCertificate(keys.hubCa, publicKey, {
        name: uid,
        purpose: 'client',
        altNames: [{ type: 'url', value: clusterSpiffeId(keys.trustDomain, uid) }],
        ...validity(clock.wallMs(), lives.agentCertificateMs),
      });
      return [leaf, keys.hubCaCertificate];
    },
    natsUserJwt(uid: ClusterUid, userPublicKey: string) {
      const issuedAtMs = clock.wallMs();
      return accounts.agentUserJwt(uid, userPublicKey, {
        issuedAtMs,
        expiresAtMs: issuedAtMs + lives.natsUserMs,
      });
    },
  };
}

/** Valid from a little ago; short lives, as tests use them, are backdated less. */
function validity(
  nowMs: number,
  lifeMs: number,
): { readonly notBeforeMs: number; readonly notAfterMs: number } {
  return { notBeforeMs: nowMs - Math.min(backdateMsMax, lifeMs / 10), notAfterMs: nowMs + lifeMs };
}
