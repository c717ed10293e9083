import { describe } from 'vitest';
import { memoryCredentialStore } from '../../fakes/credential-store.ts';
import { credentialStoreContract } from './suite.ts';

describe('credentials in memory', () => {
  credentialStoreContract(async () => {
    const store = memoryCredentialStore();
    return {
      store,
      put: async (name, parts) => store.put(name, parts),
      remove: async (name) => store.remove(name),
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
