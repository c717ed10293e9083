import { FlotillaError, type RetryAdvice } from '@flotilla/shared/base';

/** Why there is no reply to a check's question. */
export type CheckErrorCode =
  | 'CHECK_ADDRESS_REFUSED'
  | 'CHECK_CREDENTIAL'
  | 'CHECK_REPLY_TOO_LARGE'
  | 'CHECK_TIMEOUT'
  | 'CHECK_UNREACHABLE'
  | 'CHECK_URL_REFUSED';

/** A check was not answered, or must not be asked; the message names its place and holds no secret. */
export class CheckUnansweredError extends FlotillaError {
  override readonly name = 'CheckUnansweredError';

  constructor(code: CheckErrorCode, message: string, cause?: unknown) {
    // A person may mend configuration and credentials without a restart.
    const retry: RetryAdvice = 'backoff';
    super(message, { code, retry, cause });
  }
}
