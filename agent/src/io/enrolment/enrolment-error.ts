import { FlotillaError, type RetryAdvice } from '@flotilla/shared/base';

/** Joining did not work; the message says what was expected, what was found and what to do. Never holds the token. */
export class EnrolmentError extends FlotillaError {
  override readonly name = 'EnrolmentError';

  constructor(
    message: string,
    details: { readonly code: string; readonly retry: RetryAdvice; readonly cause?: unknown },
  ) {
    super(message, details);
  }
}
