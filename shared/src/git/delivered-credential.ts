import { FlotillaError } from '../base/index.ts';
import type { BoundCredential } from '../model/index.ts';
import type { GitCredential } from './wire/remote-settings.ts';

/** A credential whose kind does not fit the transport: a person must give another one. */
export class CredentialUnusableError extends FlotillaError {
  override readonly name = 'CredentialUnusableError';

  constructor(credentialName: string) {
    super(`credential ${credentialName} is an SSH key, but the source's URL is http: give a token`, {
      code: 'CREDENTIAL_UNUSABLE',
      retry: 'never',
    });
  }
}

/** What is sent over HTTP for a credential of the product. Throws CredentialUnusableError for an SSH key. */
export function gitCredentialOf(credential: BoundCredential): GitCredential {
  const { name, url } = credential;
  switch (credential.kind) {
    case 'token':
      return { name, url, kind: 'token', token: credential.token };
    case 'basic':
      return { name, url, kind: 'basic', username: credential.username, password: credential.password };
    case 'ssh':
      throw new CredentialUnusableError(name);
  }
}
