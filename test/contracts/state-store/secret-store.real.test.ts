import { completeKubeConfig, openKube } from '@flotilla/agent/io/kube';
import type { KubePort } from '@flotilla/agent/ports';
import { afterAll, beforeAll, describe } from 'vitest';
import { type ApiServer, startApiServer } from '../../real/control-plane/index.ts';
import { secretWorld } from './secret-world.ts';
import { stateStoreContract } from './suite.ts';

let server: ApiServer;
let kube: KubePort;

beforeAll(async () => {
  server = await startApiServer();
  const { serverUrl, caPem, token = '' } = server.adminCredential;
  kube = openKube(completeKubeConfig({ serverUrl, caPem, token: { kind: 'text', token } }));
}, 120_000);
afterAll(async () => {
  await kube?.close();
  await server?.stop();
});

describe('a state store in Secrets of a real API server', () => {
  stateStoreContract(() => secretWorld(kube));
});
