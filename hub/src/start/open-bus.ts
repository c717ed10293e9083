import { join } from 'node:path';
import type { Clock, Random } from '@flotilla/shared/base';
import { formatHostPort, type Logger } from '@flotilla/shared/kit';
import { ensureStream } from '@flotilla/shared/kit/jetstream';
import { type Bus, type BusCredentials, connectBus } from '@flotilla/shared/kit/nats';
import type { HubConfig } from '../config.ts';
import { auditStream, openDecisionLog } from '../io/decision-log/index.ts';
import { openGossipLine } from '../io/gossip/index.ts';
import { bucketNames, openBucket } from '../io/kv/index.ts';
import type { NatsCredentials } from '../io/nats-accounts/index.ts';
import { natsVersionMin, startNatsServer } from '../io/nats-server/index.ts';
import type { HubIdentity } from '../io/signer/index.ts';
import { eventsStream, openStatusStream } from '../io/status-stream/index.ts';
import { untilAnswered } from '../loops/index.ts';
import type { Bucket, DecisionLog, GossipLine, StatusStream } from '../ports.ts';

/** What the bus is opened with. */
export interface OpenBusOptions {
  readonly config: HubConfig;
  readonly identity: HubIdentity;
  readonly processName: string;
  readonly searchPath: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** The state engine of the hub: log, reports, records; and where agents find the bus. */
export interface HubBus {
  readonly decisions: DecisionLog;
  readonly status: StatusStream;
  readonly gossip: GossipLine;
  readonly clusters: Bucket;
  readonly tokens: Bucket;
  readonly meta: Bucket;
  /** URLs that agents are told. */
  readonly agentUrls: readonly string[];
  readonly isConnected: () => boolean;
  /** For people: server, version, how it runs. */
  readonly describe: () => string;
  /** Told when the connection comes or goes. */
  onConnection(listener: (isConnected: boolean) => void): void;
}

/** How long a write is tried before whoever asked is told. */
const writeDeadlineMs = 10_000;

/** Starts or finds the bus, connects both accounts, and makes sure of streams and buckets. What it opens goes on the stack. */
export async function openBus(
  options: OpenBusOptions,
  stack: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<HubBus> {
  const place = await findBus(options, stack, signal);
  const accounts = options.identity.natsAccounts;
  const [hub, fleet] = await Promise.all([
    connect(options, { servers: place.urls, user: accounts.hubUser(options.processName) }, signal),
    connect(options, { servers: place.urls, user: accounts.fleetUser(options.processName) }, signal),
  ]);
  stack.use(hub);
  stack.use(fleet);
  const stores = await untilAnswered(
    options,
    { what: 'its streams and buckets', ask: () => openStores(options, { hub, fleet }, signal) },
    signal,
  );
  return {
    ...stores,
    gossip: openGossipLine(hub),
    agentUrls: place.agentUrls,
    isConnected: () => hub.isConnected && fleet.isConnected,
    describe: () => `${hub.server} (${place.kind})`,
    onConnection(listener) {
      const tell = () => listener(hub.isConnected && fleet.isConnected);
      hub.onConnection(tell);
      fleet.onConnection(tell);
    },
  };
}

/** Makes sure of streams and buckets; doing it again is harmless. */
async function openStores(
  options: OpenBusOptions,
  { hub, fleet }: { readonly hub: Bus; readonly fleet: Bus },
  signal: AbortSignal,
): Promise<Pick<HubBus, 'decisions' | 'status' | 'clusters' | 'tokens' | 'meta'>> {
  const { clock, log, random } = options;
  const replicas = options.config.natsReplicas;
  const common = { clock, random, log, replicas };
  const bucket = (name: string) =>
    openBucket({ ...common, bus: hub, name, deadlineMs: writeDeadlineMs }, signal);
  await ensureStream(hub, auditStream(replicas), signal);
  await ensureStream(fleet, eventsStream(replicas), signal);
  return {
    decisions: await openDecisionLog({ ...common, bus: hub, appendDeadlineMs: writeDeadlineMs }, signal),
    status: await openStatusStream({ ...common, bus: fleet }, signal),
    clusters: await bucket(bucketNames.clusters),
    tokens: await bucket(bucketNames.tokens),
    meta: await bucket(bucketNames.meta),
  };
}

interface BusPlace {
  readonly kind: string;
  readonly urls: readonly string[];
  readonly agentUrls: readonly string[];
}

async function findBus(
  options: OpenBusOptions,
  stack: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<BusPlace> {
  const { config, identity } = options;
  if (config.natsUrls.length > 0) {
    return { kind: 'external', urls: config.natsUrls, agentUrls: config.natsUrls };
  }
  const isBareName = !config.natsServer.includes('/');
  const server = stack.use(
    await startNatsServer(
      {
        program: { path: isBareName ? undefined : config.natsServer, searchPath: options.searchPath },
        folder: join(config.dataDir, 'nats'),
        host: config.natsAddress.host,
        port: config.natsAddress.port,
        accounts: identity.natsAccounts,
        tls: identity.tlsServer(),
        clock: options.clock,
        random: options.random,
        log: options.log.child({ loop: 'nats-server' }),
      },
      signal,
    ),
  );
  const agentUrls = config.advertiseHosts.map(
    (host) => `tls://${formatHostPort({ host, port: server.port })}`,
  );
  return { kind: 'child process', urls: [`tls://127.0.0.1:${server.port}`], agentUrls };
}

function connect(
  { identity, random, log, processName }: OpenBusOptions,
  to: { readonly servers: readonly string[]; readonly user: NatsCredentials },
  signal: AbortSignal,
): Promise<Bus> {
  const credentials: BusCredentials = { kind: 'jwt', ...to.user };
  return connectBus(
    {
      name: processName,
      servers: () => to.servers,
      credentials: () => credentials,
      caPem: () => identity.tlsServer().caPem,
      backoff: { baseMs: 200, capMs: 5_000 },
      versionMin: natsVersionMin,
      pingMs: 10_000,
      random,
      log: log.child({ loop: 'bus' }),
    },
    signal,
  );
}
