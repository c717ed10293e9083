import { describe } from 'vitest';
import { memoryStateStore } from '../../fakes/state-store.ts';
import { stateStoreContract } from './suite.ts';

describe('a state store in memory', () => {
  stateStoreContract(async () => {
    const store = memoryStateStore();
    return {
      open: async () => store,
      tear: async (key, which) => store.tear(key, which),
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
