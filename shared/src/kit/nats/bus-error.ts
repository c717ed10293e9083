import { errors, InvalidArgumentError } from '@nats-io/transport-node';
import { FlotillaError } from '../../base/index.ts';

/** What went wrong with the bus. */
export type BusErrorCode =
  /** The connection is down: nothing was sent. */
  | 'BUS_AWAY'
  /** Nobody serves the subject: nothing was stored. */
  | 'BUS_NO_RESPONDER'
  /** It was sent, and no answer came: it may have been stored or not. */
  | 'BUS_OUTCOME_UNKNOWN'
  /** Our user may not do this. */
  | 'BUS_REFUSED'
  /** Larger than the server takes. */
  | 'BUS_TOO_LARGE'
  /** The server is older than the product needs. */
  | 'BUS_VERSION'
  /** The connection was closed by its owner. */
  | 'BUS_CLOSED';

const retryOf = {
  BUS_AWAY: 'backoff',
  BUS_NO_RESPONDER: 'backoff',
  BUS_OUTCOME_UNKNOWN: 'backoff',
  BUS_REFUSED: 'never',
  BUS_TOO_LARGE: 'never',
  BUS_VERSION: 'never',
  BUS_CLOSED: 'never',
} as const satisfies Record<BusErrorCode, 'now' | 'backoff' | 'never'>;

/** A failed operation on the bus; `code` tells what is known about its outcome. */
export class BusError extends FlotillaError {
  override readonly name = 'BusError';
  declare readonly code: BusErrorCode;

  constructor(code: BusErrorCode, message: string, cause?: unknown) {
    super(message, { code, retry: retryOf[code], cause });
  }
}

/** Turns what the NATS library threw into a BusError; `what` says what was attempted on what. */
export function busErrorOf(caught: unknown, what: string): BusError {
  if (caught instanceof BusError) return caught;
  return new BusError(codeOf(caught), what, caught);
}

function codeOf(caught: unknown): BusErrorCode {
  if (caught instanceof errors.RequestError)
    return caught.isNoResponders() ? 'BUS_NO_RESPONDER' : codeOf(caught.cause);
  if (caught instanceof errors.NoRespondersError) return 'BUS_NO_RESPONDER';
  if (caught instanceof errors.PermissionViolationError) return 'BUS_REFUSED';
  if (caught instanceof errors.ClosedConnectionError) return 'BUS_CLOSED';
  if (caught instanceof errors.DrainingConnectionError) return 'BUS_CLOSED';
  // The library checks the payload's size before it sends: the one argument that depends on the server.
  if (caught instanceof InvalidArgumentError) return 'BUS_TOO_LARGE';
  return 'BUS_OUTCOME_UNKNOWN';
}

/** Whether the server refused to take a message because our user may not publish there. */
export function isPublishRefusal(caught: unknown): boolean {
  return caught instanceof errors.PermissionViolationError && caught.operation === 'publish';
}
