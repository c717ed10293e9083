import { createPublicKey, X509Certificate } from 'node:crypto';
import { derBlocks, readNkeySeed } from '@flotilla/shared/kit';
import type { AgentIdentity } from '../../ports.ts';
import { EnrolmentError } from './enrolment-error.ts';
import { clockError } from './pinned-authority.ts';

/**
 * Makes sure that an identity works, before anything older is given up for it: certificate and bus credential are for our
 * keys, the chain ends in a root that came with it, it names this cluster, and it is valid now by this machine's clock. Throws EnrolmentError.
 */
export function checkIdentity(identity: AgentIdentity, nowMs: number): void {
  const chain = derBlocks('CERTIFICATE', identity.certificateChainPem).map((der) => new X509Certificate(der));
  const roots = derBlocks('CERTIFICATE', identity.caBundlePem).map((der) => new X509Certificate(der));
  const [leaf] = chain;
  if (leaf === undefined || !leaf.publicKey.equals(createPublicKey(identity.privateKeyPem))) {
    throw unusable('the certificate is not over the key that was asked for');
  }
  if (!isSpiffeOf(identity, leaf.subjectAltName)) {
    throw unusable(`the certificate names ${leaf.subjectAltName}, expected cluster ${identity.clusterUid}`);
  }
  if (!chain.every((one, index) => isIssued(one, chain[index + 1], roots))) {
    throw unusable('the certificate does not chain to the roots that came with it');
  }
  if (subjectOf(identity.natsUserJwt) !== readNkeySeed('user', identity.natsSeed).publicKey) {
    throw unusable('the bus credential is not for the key that was asked for');
  }
  if (nowMs < leaf.validFromDate.getTime() || nowMs >= leaf.validToDate.getTime()) {
    throw clockError(
      `the certificate that the hub gave is valid from ${leaf.validFrom} to ${leaf.validTo}`,
      nowMs,
    );
  }
}

function isSpiffeOf({ clusterUid }: AgentIdentity, names: string | undefined): boolean {
  return new RegExp(`^URI:spiffe://[a-z0-9._-]+/cluster/${clusterUid}$`).test(names ?? '');
}

function isIssued(
  certificate: X509Certificate,
  next: X509Certificate | undefined,
  roots: readonly X509Certificate[],
): boolean {
  const issuers = next === undefined ? roots : [next];
  return issuers.some((issuer) => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey));
}

/** The `sub` of a JWT, unverified: it came over a verified channel, and the bus checks it. */
function subjectOf(jwt: string): unknown {
  try {
    const claims: unknown = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
    return typeof claims === 'object' && claims !== null && 'sub' in claims ? claims.sub : undefined;
  } catch {
    return undefined;
  }
}

function unusable(message: string): EnrolmentError {
  return new EnrolmentError(`the hub's answer cannot be used: ${message}`, {
    code: 'ENROL_ANSWER',
    retry: 'backoff',
  });
}
