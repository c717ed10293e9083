import { FlotillaError } from '@flotilla/shared/base';

/** The credential's kind does not fit the transport: a person must give another one. */
export class CredentialUnusableError extends FlotillaError {
  override readonly name = 'CredentialUnusableError';

  constructor(credentialName: string) {
    super(`credential ${credentialName} is an SSH key, but the source's URL is http: give a token`, {
      code: 'CREDENTIAL_UNUSABLE',
      retry: 'never',
    });
  }
}
