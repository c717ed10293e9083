import { X509Certificate } from 'node:crypto';
import { err, ok, type Result } from '@flotilla/shared/base';
import { parseClusterSpiffeId } from '@flotilla/shared/model';
import type { PeerIdentity } from '../../enrolment-port.ts';
import { keyHashOf } from './key-hash.ts';

/**
 * Whom a client certificate names: the one choke point where a TLS session becomes a cluster. The certificate's chain
 * was checked by TLS; here its one subject alternative name must be exactly a cluster of this trust domain.
 */
export function readPeerIdentity(
  certificateDer: Uint8Array,
  trustDomain: string,
): Result<PeerIdentity, string> {
  const certificate = parse(certificateDer);
  if (certificate === undefined) return err('the client certificate cannot be read');
  const names = certificate.subjectAltName ?? '';
  // A value that needs quoting, or a second name, makes this something other than one plain URI.
  const uri = /^URI:([^",\s]+)$/.exec(names)?.[1];
  if (uri === undefined) {
    return err(`the client certificate names ${JSON.stringify(names.slice(0, 120))}, expected one URI`);
  }
  const uid = parseClusterSpiffeId(uri, trustDomain);
  if (!uid.ok) return uid;
  return ok({
    uid: uid.value,
    keyHash: keyHashOf(certificate.publicKey),
    serial: certificate.serialNumber.toLowerCase(),
  });
}

function parse(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}
