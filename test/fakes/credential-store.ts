import type { CredentialStore } from '@flotilla/agent/ports';
import { FlotillaError } from '@flotilla/shared/base';
import { type CredentialPart, credentialOfParts } from '@flotilla/shared/kit';

/** Credentials in memory, by name. */
export interface MemoryCredentialStore extends CredentialStore {
  /** Puts the parts of a credential in place of what was there. */
  put(name: string, parts: Readonly<Partial<Record<CredentialPart, string>>>): void;
  remove(name: string): void;
}

/** Makes an empty store. */
export function memoryCredentialStore(): MemoryCredentialStore {
  const stored = new Map<string, ReadonlyMap<CredentialPart, string>>();
  return {
    put(name, parts) {
      // The keys of such a record are names of parts.
      stored.set(name, new Map(Object.entries(parts) as [CredentialPart, string][]));
    },
    remove(name) {
      stored.delete(name);
    },
    async find(name, signal) {
      signal.throwIfAborted();
      const parts = stored.get(name);
      if (parts === undefined) return undefined;
      const credential = credentialOfParts(name, parts);
      if (credential.ok) return credential.value;
      const code = 'CREDENTIAL_MALFORMED';
      throw new FlotillaError(`credential ${name} ${credential.error}`, { code, retry: 'backoff' });
    },
  };
}
