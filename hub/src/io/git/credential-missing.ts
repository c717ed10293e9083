import { FlotillaError } from '@flotilla/shared/base';

/** A Source names a credential that is not mounted into the hub. */
export class CredentialMissingError extends FlotillaError {
  override readonly name = 'CredentialMissingError';

  constructor(credentialName: string, url: string) {
    super(`credential ${credentialName} for ${url} is not in the hub's credentials folder`, {
      code: 'CREDENTIAL_MISSING',
      retry: 'backoff',
      advice: 'put it there, or correct its name',
    });
  }
}
