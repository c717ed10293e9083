import { type ErrorDetails, errorCode, FlotillaError, type RetryAdvice } from '@flotilla/shared/base';

/** What a HubLinkError is made from. */
export interface HubLinkErrorDetails extends ErrorDetails {
  /** What the hub said to wait; absent = it said nothing. */
  readonly retryAfterMs?: number;
}

import { type ServiceError, status } from '@grpc/grpc-js';

/** The stream to the hub could not be opened, or broke, or a renewal was refused. */
export class HubLinkError extends FlotillaError {
  override readonly name = 'HubLinkError';
  /** What the hub said to wait; 0 = it said nothing. */
  readonly retryAfterMs: number;

  constructor(message: string, details: HubLinkErrorDetails) {
    super(message, details);
    this.retryAfterMs = details.retryAfterMs ?? 0;
  }
}

/** A failed gRPC call in our words: the hub's own code where it gave one, else the status's name. */
export function fromServiceError(attempted: string, error: ServiceError | Error): HubLinkError {
  if (!isServiceError(error)) {
    return new HubLinkError(`${attempted}: ${error.message}`, {
      code: errorCode(error) ?? 'LINK_FAILED',
      retry: 'backoff',
      cause: error,
    });
  }
  const own = error.metadata?.get('flotilla-code')[0];
  const retryAfter = Number(error.metadata?.get('flotilla-retry-after-ms')[0] ?? 0);
  return new HubLinkError(`${attempted}: ${error.details}`, {
    code: typeof own === 'string' ? own : (status[error.code] ?? 'UNKNOWN'),
    retry: retryOf(error.code),
    retryAfterMs: Number.isSafeInteger(retryAfter) && retryAfter > 0 ? retryAfter : 0,
    cause: error,
  });
}

/** A refusal stays one until something changes; everything else may pass. */
function retryOf(code: status): RetryAdvice {
  return code === status.PERMISSION_DENIED || code === status.INVALID_ARGUMENT ? 'never' : 'backoff';
}

function isServiceError(error: Error): error is ServiceError {
  return 'details' in error && 'code' in error && typeof error.code === 'number';
}
