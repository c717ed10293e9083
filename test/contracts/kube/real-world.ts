import { completeKubeConfig, defaultKubeTiming, openKube } from '@flotilla/agent/io/kube';
import type { KubePort } from '@flotilla/agent/ports';
import type { AdminCredential } from '../../real/control-plane/index.ts';
import { startApiServer, startControlPlane } from '../../real/control-plane/index.ts';
import { waitFor } from '../../real/waiting.ts';
import type { ContractWorld, Needs } from './world.ts';

/** Ten times what the slowest case needs. */
const deadlineMs = 60_000;
/** The server sends a bookmark shortly before a watch ends, so short watches get theirs soon. */
const watchMs = 4_000;

/** A world on a real API server, with or without real controllers and fake nodes. */
export async function realWorld(needs: Needs): Promise<ContractWorld> {
  const server =
    needs === 'controllers' ? await startControlPlane({ autoscalerSeconds: 1 }) : await startApiServer();
  const port = openRealKube(server.adminCredential);
  return {
    port,
    async until(what, condition) {
      await waitFor(what, condition, { withinMs: deadlineMs, everyMs: 20 });
    },
    async close() {
      await port.close();
      await server.stop();
    },
  };
}

/** The production adapter with an administrator's rights. */
export function openRealKube(credential: AdminCredential): KubePort {
  const config = completeKubeConfig({
    serverUrl: credential.serverUrl,
    caPem: credential.caPem,
    clientCertPem: credential.certPem,
    clientKeyPem: credential.keyPem,
    token: credential.token === undefined ? { kind: 'none' } : { kind: 'text', token: credential.token },
    timing: { ...defaultKubeTiming, watchMs },
    // Small pages, so that every list of some size is put together from several.
    pageItems: 5,
  });
  return openKube(config);
}
