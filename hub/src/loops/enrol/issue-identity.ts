import { X509Certificate } from 'node:crypto';
import type { ClusterUid } from '@flotilla/shared/base';
import { assert } from '@flotilla/shared/base';
import type { IssuedCertificate } from '../../core/enrol/index.ts';
import type { RenewAnswer } from '../../enrolment-port.ts';
import type { EnrolDeps } from './deps.ts';

/** A fresh identity and what the record must remember of it. */
export interface FreshIdentity {
  readonly answer: RenewAnswer;
  readonly issued: IssuedCertificate;
}

/** Lets the signer make certificate and bus credential for a cluster. Nothing is recorded or given away yet. */
export async function issueIdentity(
  { signer, whereabouts }: Pick<EnrolDeps, 'signer' | 'whereabouts'>,
  uid: ClusterUid,
  request: { readonly csrDer: Uint8Array; readonly keyHash: string; readonly natsUserKey: string },
): Promise<FreshIdentity> {
  const certificateChain = await signer.issueAgentCertificate(uid, request.csrDer);
  const [leaf] = certificateChain;
  assert(leaf !== undefined, 'the signer answers with a certificate');
  const { serialNumber, validToDate } = new X509Certificate(leaf);
  return {
    answer: {
      certificateChain,
      caBundle: signer.caBundle,
      natsUserJwt: signer.natsUserJwt(uid, request.natsUserKey),
      natsUrls: whereabouts().natsUrls,
    },
    issued: {
      serial: serialNumber.toLowerCase(),
      keyHash: request.keyHash,
      notAfterMs: validToDate.getTime(),
    },
  };
}
