import {
  type ClusterName,
  describeError,
  err,
  errorCode,
  limits,
  ok,
  parseClusterName,
  type Result,
} from '@flotilla/shared/base';
import { isNkeyPublic } from '@flotilla/shared/kit';
import type { EnrolCall, EnrolmentSigner, EnrolRefusal, RenewCall } from '../../enrolment-port.ts';

/** A call whose words were checked. */
export interface CheckedCall extends EnrolCall {
  /** Hash of the key whose possession was proven. */
  readonly keyHash: string;
  readonly wish: ClusterName | undefined;
}

/** The key of a request whose holder proved that it has the private half. */
export async function checkKeys(
  signer: EnrolmentSigner,
  { csrDer, natsUserKey }: RenewCall,
): Promise<Result<{ readonly keyHash: string }, EnrolRefusal>> {
  if (!isNkeyPublic('user', natsUserKey)) return err(invalid('nats_user_key is not a public NATS user key'));
  try {
    return ok(await signer.readCsr(csrDer));
  } catch (error) {
    if (errorCode(error) === 'CSR_MALFORMED') return err(invalid(`csr_der: ${describeError(error)}`));
    throw error;
  }
}

/** The name that an agent wishes, if it wishes one. */
export function checkWish(text: string | undefined): Result<ClusterName | undefined, EnrolRefusal> {
  if (text === undefined) return ok(undefined);
  const name = parseClusterName(text);
  return name.ok ? name : err(invalid(`wished_name: ${name.error}`));
}

/** A word of the agent about itself: shown to people, so bounded and free of control characters. */
export function shownWord(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out.
  return text.replace(/[\u0000-\u001f\u007f]/g, '').slice(0, limits.frameNameMax);
}

function invalid(text: string): EnrolRefusal {
  return { code: 'REQUEST_INVALID', text };
}
