import { openKube } from '@flotilla/agent/io/kube';
import { openFolderStore, openSecretStore } from '@flotilla/agent/io/state-store';
import type { StateStore } from '@flotilla/agent/ports';
import { kubeConfigOf } from '../../real/agent-engine/index.ts';
import type { AdminCredential } from '../../real/control-plane/index.ts';
import type { StorePlace } from './order.ts';

/** A store that is open, and what has to be closed after it. */
export interface OpenedStore extends AsyncDisposable {
  readonly store: StateStore;
}

/** Opens the store of an agent, by the way to the cluster that a credential names. */
export async function openStore(
  place: StorePlace,
  options: { readonly credential: AdminCredential; readonly userAgent: string },
): Promise<OpenedStore> {
  if (place.kind === 'folder')
    return { store: await openFolderStore(place.folder), [Symbol.asyncDispose]: async () => {} };
  const kube = openKube(kubeConfigOf(options));
  const store = openSecretStore({ kube, namespace: place.namespace });
  return { store, [Symbol.asyncDispose]: () => kube.close() };
}
