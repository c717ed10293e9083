/**
 * Who this agent is: joining a fleet, keeping the identity, renewing it. start.ts puts these together; tests of the
 * whole path from token to publish use the same door.
 */
import { createNkey } from '@flotilla/shared/kit';
import { checkIdentity, newPrivateKeyPem, signingRequestFor, writeIdentity } from './io/enrolment/index.ts';
import type { IdentityKeeper } from './loops/renew.ts';
import type { StateStore } from './ports.ts';

export * from './io/enrolment/index.ts';
export { openFolderStore } from './io/state-store/folder-store.ts';
export * from './loops/renew.ts';
export { ensureIdentity } from './start/join.ts';

/** What the renewal loop needs of the adapters: new keys, requests, and the store that the identity lies in. */
export function identityKeeperOf(store: StateStore): IdentityKeeper {
  return {
    newPrivateKeyPem,
    newNatsSeed: () => createNkey('user').seed,
    signingRequestFor,
    checkIdentity,
    writeIdentity: (identity, signal) => writeIdentity(store, identity, signal),
  };
}
