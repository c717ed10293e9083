import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newPrivateKeyPem, signingRequestFor } from '@flotilla/agent/identity';
import { hubLinkOf } from '@flotilla/agent/io/hub-link';
import type { AgentIdentity } from '@flotilla/agent/ports';
import {
  type AssignmentListener,
  type HubIdentity,
  openIdentity,
  type RenewHandler,
  startAssignmentListener,
} from '@flotilla/hub/identity';
import { AssignmentServiceService } from '@flotilla/proto/assignment';
import { err, ok } from '@flotilla/shared/base';
import { certificatesPem, silentLogger, systemClock } from '@flotilla/shared/kit';
import { Client, credentials } from '@grpc/grpc-js';
import { nameOf, newUid } from '../../real/identity/index.ts';
import { nextOf } from './memory-wire.ts';
import type { Wire } from './wire.ts';

/** A real listener and a real link between which mutual TLS under a hub's own CA stands. */
export async function realWire(): Promise<Wire> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-wire-'));
  const hub = await openIdentity({
    dataDir: folder,
    trustDomain: 'flotilla',
    serverNames: [],
    clock: systemClock(),
  });
  const renew: RenewHandler = async (peer, call) =>
    call.natsUserKey === 'refuse'
      ? err({ code: 'KEY_REVOKED', text: 'the key was replaced', retryAfterMs: 7_000 })
      : ok({
          certificateChain: hub.signer.caBundle,
          caBundle: hub.signer.caBundle,
          natsUserJwt: `jwt of ${peer.uid} for ${call.natsUserKey}`,
          natsUrls: ['tls://bus:4222'],
        });
  const start = (port: number) =>
    startAssignmentListener({
      host: '127.0.0.1',
      port,
      tls: hub.tlsServer(),
      readPeer: (der) => hub.readPeer(der),
      renew,
      log: silentLogger,
    });
  let listener: AssignmentListener = await start(0);
  const { port } = listener;
  let accepted = listener.streams[Symbol.asyncIterator]();
  let isOpen = true;
  let silent: SilentServer | undefined;
  const identity = await identityOf(hub, port);

  async function stop(): Promise<void> {
    if (isOpen) await listener.close(0);
    isOpen = false;
  }

  return {
    uid: identity.clusterUid,
    link: hubLinkOf({ identity: () => identity }),
    accept: () => nextOf(accepted),
    async setUp(isUp) {
      await stop();
      if (!isUp) return;
      listener = await start(port);
      accepted = listener.streams[Symbol.asyncIterator]();
      isOpen = true;
    },
    async fallSilent() {
      await stop();
      silent = await silentServer(port);
    },
    sendRubbish: async () => sayRubbish(identity),
    closeListener: stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await silent?.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function identityOf(hub: HubIdentity, port: number): Promise<AgentIdentity> {
  const clusterUid = newUid();
  const privateKeyPem = newPrivateKeyPem();
  const chain = await hub.signer.issueAgentCertificate(clusterUid, signingRequestFor(privateKeyPem));
  return {
    hubId: hub.hubId,
    clusterUid,
    clusterName: nameOf('eu-1'),
    agentsAddress: `localhost:${port}`,
    privateKeyPem,
    certificateChainPem: certificatesPem(chain),
    caBundlePem: certificatesPem(hub.signer.caBundle),
    natsSeed: '',
    natsUserJwt: '',
    natsUrls: [],
  };
}

/** A bare gRPC call with an agent's certificate; closed by the listener's end. */
function sayRubbish({ agentsAddress, caBundlePem, privateKeyPem, certificateChainPem }: AgentIdentity): void {
  const pems = [caBundlePem, privateKeyPem, certificateChainPem].map((pem) => Buffer.from(pem));
  const client = new Client(agentsAddress, credentials.createSsl(pems[0], pems[1], pems[2]));
  const asIs = (bytes: Buffer): Buffer => bytes;
  const call = client.makeBidiStreamRequest(AssignmentServiceService.connect.path, asIs, asIs);
  call.on('error', () => {});
  call.on('status', () => client.close());
  call.resume();
  // A field that says it is longer than what follows.
  call.write(Buffer.of(0x0a, 0x50, 0x01));
}

interface SilentServer {
  close(): Promise<void>;
}

async function silentServer(port: number): Promise<SilentServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
