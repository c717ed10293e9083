import { FlotillaError } from '@flotilla/shared/base';
import {
  type CredentialPart,
  credentialOfParts,
  isCredentialPart,
  readMountedCredential,
} from '@flotilla/shared/kit';
import type { BoundCredential } from '@flotilla/shared/model';
import type { CredentialStore, KubePort } from '../ports.ts';

/** Label that a Secret must carry to be used as a credential: the hub names credentials, and may not name any Secret. */
export const credentialLabel = 'flotilla.dev/credential';

/** A Secret of that name cannot be used as a credential; the message says what to change. */
export class CredentialSecretError extends FlotillaError {
  override readonly name = 'CredentialSecretError';
}

/** Credentials as folders of files: `folder/NAME/token` and so on. For an agent that runs as a process, or mounted Secrets. */
export function folderCredentialStore(folder: string): CredentialStore {
  return {
    async find(name, signal) {
      signal.throwIfAborted();
      return await readMountedCredential(folder, name);
    },
  };
}

/**
 * Credentials as Secrets in the agent's own namespace: the Secret's name is the credential's, its keys are the parts, and
 * it carries the label `flotilla.dev/credential: "true"`. Rejects with CredentialSecretError or KubeError.
 */
export function secretCredentialStore(kube: Pick<KubePort, 'get'>, namespace: string): CredentialStore {
  return {
    async find(name, signal) {
      const secret = await kube.get({ group: '', version: 'v1', kind: 'Secret', namespace, name }, signal);
      if (secret === undefined) return undefined;
      if (secret.metadata.labels?.[credentialLabel] !== 'true') {
        throw unusable(namespace, name, `lacks the label ${credentialLabel}: "true", so it is no credential`);
      }
      const credential = credentialOfParts(name, partsOf(secret['data']));
      if (!credential.ok) throw unusable(namespace, name, credential.error);
      return credential.value;
    },
  };
}

/** Asks several stores in order; the first that has the credential gives it. */
export function firstCredentialStore(stores: readonly CredentialStore[]): CredentialStore {
  return {
    async find(name, signal): Promise<BoundCredential | undefined> {
      for (const store of stores) {
        const found = await store.find(name, signal);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/** `data` of a Secret: base64 by key (Kubernetes API, Secret v1). */
function partsOf(data: unknown): ReadonlyMap<CredentialPart, string> {
  const parts = new Map<CredentialPart, string>();
  if (typeof data !== 'object' || data === null) return parts;
  for (const [key, value] of Object.entries(data)) {
    if (isCredentialPart(key) && typeof value === 'string')
      parts.set(key, Buffer.from(value, 'base64').toString('utf8'));
  }
  return parts;
}

function unusable(namespace: string, name: string, why: string): CredentialSecretError {
  return new CredentialSecretError(`secret ${namespace}/${name} ${why}`, {
    code: 'CREDENTIAL_SECRET',
    retry: 'never',
  });
}
