import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HubIdentity, type NatsServer, openIdentity, startNatsServer } from '@flotilla/hub/identity';
import { type ClusterUid, parseClusterUid } from '@flotilla/shared/base';
import { createNkey, cryptoRandom, randomUid, silentLogger, systemClock } from '@flotilla/shared/kit';
import { inboxPrefix } from '@flotilla/shared/model';
import {
  type ConnectionOptions,
  connect,
  jwtAuthenticator,
  type NatsConnection,
} from '@nats-io/transport-node';
import { findTool } from '../../tools/index.ts';

/** A real server that trusts a real hub identity, and raw clients on it. */
export interface TestBus extends AsyncDisposable {
  readonly identity: HubIdentity;
  readonly server: NatsServer;
  /** A raw client of account HUB or FLEET with all rights. */
  connectHub(account: 'HUB' | 'FLEET'): Promise<NatsConnection>;
  /** A raw client with an agent's credentials. */
  connectAgent(uid: ClusterUid, options?: Partial<ConnectionOptions>): Promise<NatsConnection>;
}

/** A new cluster uid. */
export function newUid(): ClusterUid {
  const parsed = parseClusterUid(randomUid());
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** Starts it all in a folder of its own; disposing closes the clients, ends the server and removes the folder. */
export async function startTestBus(lives: { readonly natsUserMs?: number } = {}): Promise<TestBus> {
  const clock = systemClock();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-bus-'));
  const program = await findTool('nats-server');
  const identity = await openIdentity({
    dataDir: folder,
    trustDomain: 'flotilla',
    serverNames: [],
    clock,
    lives,
  });
  const server = await startNatsServer(
    {
      program: { path: program.path, searchPath: '' },
      folder: join(folder, 'nats'),
      host: '127.0.0.1',
      port: 0,
      accounts: identity.natsAccounts,
      tls: identity.tlsServer(),
      clock,
      random: cryptoRandom(),
      log: silentLogger,
    },
    new AbortController().signal,
  );
  const clients: NatsConnection[] = [];

  async function connectAs(
    jwt: string,
    seed: string,
    options: Partial<ConnectionOptions>,
  ): Promise<NatsConnection> {
    const client = await connect({
      servers: server.url,
      tls: { ca: identity.tlsServer().caPem },
      authenticator: jwtAuthenticator(jwt, new TextEncoder().encode(seed)),
      reconnect: false,
      ...options,
    });
    clients.push(client);
    return client;
  }

  return {
    identity,
    server,
    connectHub(account) {
      const { natsAccounts } = identity;
      const { jwt, seed } = account === 'HUB' ? natsAccounts.hubUser('test') : natsAccounts.fleetUser('test');
      return connectAs(jwt, seed, {});
    },
    connectAgent(uid, options = {}) {
      const key = createNkey('user');
      const jwt = identity.signer.natsUserJwt(uid, key.publicKey);
      return connectAs(jwt, key.seed, { inboxPrefix: inboxPrefix(uid), ...options });
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.close();
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
