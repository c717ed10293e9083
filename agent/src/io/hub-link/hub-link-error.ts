import { type ErrorDetails, errorCode, FlotillaError, type RetryAdvice } from '@flotilla/shared/base';
import { type ServiceError, status } from '@grpc/grpc-js';

/** What a HubLinkError is made from. */
export interface HubLinkErrorDetails extends ErrorDetails {
  /** What the hub said to wait; absent = it said nothing. */
  readonly retryAfterMs?: number;
}

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
  const why = typeof own === 'string' ? error.details : plainly(error);
  return new HubLinkError(`${attempted}: ${why}`, {
    code: typeof own === 'string' ? own : (status[error.code] ?? 'UNKNOWN'),
    retry: retryOf(error.code),
    retryAfterMs: Number.isSafeInteger(retryAfter) && retryAfter > 0 ? retryAfter : 0,
    cause: error,
  });
}

/** What a failure without a code of the hub's own means, and what to look at: the library's own words are for its authors. */
function plainly({ code, details }: ServiceError): string {
  const system = /\bE[A-Z]{4,}\b/.exec(details)?.[0];
  switch (code) {
    case status.UNAVAILABLE: {
      const certificate = /(?:Last error: (?:Error: )?)?([^.:]*\b(?:certificate|altnames)\b[^.]*)/i.exec(
        details,
      )?.[1];
      if (certificate !== undefined)
        return `the hub's certificate is not one that this agent trusts: ${certificate.trim()}`;
      return `no hub can be reached there${system === undefined ? '' : ` (${system})`}: look whether it runs, and whether a network policy or proxy is between`;
    }
    case status.DEADLINE_EXCEEDED:
      return 'the hub took the call and did not answer in time: look at its log and its load';
    case status.UNIMPLEMENTED:
      return 'what answers there does not know this call: it is no hub, or an older one';
    case status.CANCELLED:
      return 'the call was ended before the hub answered';
    case status.RESOURCE_EXHAUSTED:
      return 'the answer is larger than this agent takes: are hub and agent of versions that fit?';
    case status.UNAUTHENTICATED:
      return details === '' ? 'the hub does not know the identity of this agent' : details;
    default:
      return `the call broke (${status[code] ?? code})${details === '' ? '' : `: ${details.slice(0, 200)}`}`;
  }
}

/** A refusal stays one until something changes; everything else may pass. */
function retryOf(code: status): RetryAdvice {
  return code === status.PERMISSION_DENIED || code === status.INVALID_ARGUMENT ? 'never' : 'backoff';
}

function isServiceError(error: Error): error is ServiceError {
  return 'details' in error && 'code' in error && typeof error.code === 'number';
}
