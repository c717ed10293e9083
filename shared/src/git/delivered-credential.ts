import type { BoundCredential } from '../model/index.ts';
import type { GitCredential } from './wire/remote-settings.ts';

/** What a server is shown for a credential of the product. */
export function gitCredentialOf(credential: BoundCredential): GitCredential {
  const { name, url } = credential;
  switch (credential.kind) {
    case 'token':
      return { name, url, kind: 'token', token: credential.token };
    case 'basic':
      return { name, url, kind: 'basic', username: credential.username, password: credential.password };
    case 'ssh': {
      const { privateKey, knownHosts } = credential;
      return { name, url, kind: 'ssh', privateKey, knownHosts };
    }
  }
}
