import { FlotillaError } from '@flotilla/shared/base';

/** The hub's identity folder cannot be used as it is; a person must act. */
export class IdentityError extends FlotillaError {
  override readonly name = 'IdentityError';
}

/** An error about the identity folder: nothing that is tried again helps. */
export function identityError(code: string, message: string, cause?: unknown): IdentityError {
  return new IdentityError(message, { code, retry: 'never', cause });
}
