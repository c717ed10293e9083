import { assertNever } from '@flotilla/shared/base';
import type { RefusalCode } from '@flotilla/shared/model';
import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import type { EnrolRefusal, EnrolRefusalCode } from '../../enrolment-port.ts';

/** Trailer with the machine-readable code of a refusal (PROTOCOL.md, Error codes). */
export const refusalCodeKey = 'flotilla-code';
/** Trailer with the milliseconds after which to try again. */
export const retryAfterKey = 'flotilla-retry-after-ms';

/** A refused enrolment or renewal as the status of its call. */
export function statusOfRefusal(refusal: EnrolRefusal): StatusObject {
  const metadata = new Metadata();
  metadata.set(refusalCodeKey, refusal.code);
  if (refusal.retryAfterMs !== undefined) metadata.set(retryAfterKey, String(refusal.retryAfterMs));
  return { code: enrolStatus(refusal.code), details: refusal.text, metadata };
}

function enrolStatus(code: EnrolRefusalCode): status {
  switch (code) {
    case 'TOKEN_UNKNOWN':
    case 'TOKEN_EXPIRED':
    case 'TOKEN_USED':
    case 'TOKEN_WITHDRAWN':
    case 'NOT_REGISTERED':
    case 'KEY_REVOKED':
      return status.PERMISSION_DENIED;
    case 'NAME_MISSING':
    case 'REQUEST_INVALID':
      return status.INVALID_ARGUMENT;
    case 'NAME_TAKEN':
      return status.ALREADY_EXISTS;
    case 'TOO_MANY':
      return status.RESOURCE_EXHAUSTED;
    default:
      return assertNever(code);
  }
}

/** The status with which a refused assignment stream ends; the Refused frame before it says the same in full. */
export function statusOfStream(code: RefusalCode): status {
  switch (code) {
    case 'RETRY':
      return status.RESOURCE_EXHAUSTED;
    case 'VERSION':
      return status.FAILED_PRECONDITION;
    case 'NOT_REGISTERED':
      return status.PERMISSION_DENIED;
    case 'PROTOCOL':
      return status.INVALID_ARGUMENT;
    case 'REPLACED':
    case 'FENCED':
      return status.ABORTED;
    default:
      return assertNever(code);
  }
}
