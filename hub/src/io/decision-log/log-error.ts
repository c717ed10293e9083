import { FlotillaError } from '@flotilla/shared/base';

/** The log could not be asked. After a failed append the outcome may be unknown: following the log tells. */
export class LogUnavailableError extends FlotillaError {
  override readonly name = 'LogUnavailableError';
}

/** The log no longer holds what was read from it: it was lost, shortened or replaced. The epoch must be raised. */
export class LogLostError extends FlotillaError {
  override readonly name = 'LogLostError';
}

/** A decision does not fit into one message of the bus. */
export class DecisionTooLargeError extends FlotillaError {
  override readonly name = 'DecisionTooLargeError';
}
