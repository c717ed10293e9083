import { hostname } from 'node:os';
import type { Clock, ClusterUid, EventId, Random } from '@flotilla/shared/base';
import { describeCodecError, reportOfPayload, statusPayloadOf } from '@flotilla/shared/codec';
import {
  createMetrics,
  cryptoRandom,
  formatHostPort,
  gzip,
  type Logger,
  lockDataFolder,
  programVersion,
  randomUid,
  startHealthServer,
  systemClock,
} from '@flotilla/shared/kit';
import type { Actor } from '@flotilla/shared/model';
import type { HubConfig } from './config.ts';
import { startAssignmentListener, startEnrolmentListener } from './io/grpc/index.ts';
import {
  openAdminToken,
  readWebhookSecret,
  startApiServer,
  startWebhookServer,
  writeCliContext,
} from './io/http/index.ts';
import { openIdentity } from './io/signer/index.ts';
import {
  apiChanges,
  cleanUp,
  createEnrolHandler,
  createHubApi,
  createRenewHandler,
  type EnrolDeps,
  fleetWorld,
  PeerJudge,
  SignedRows,
  startSessions,
} from './loops/index.ts';
import type { StoredStatus } from './ports.ts';
import {
  createHubHealth,
  type HubBus,
  type HubHealth,
  type HubLoops,
  hubFacts,
  openBus,
  readiness,
  startHubLoops,
} from './start/index.ts';

/** What a hub process is started with. */
export interface HubOptions {
  readonly config: HubConfig;
  readonly log: Logger;
  /** The PATH variable, for the child NATS server. */
  readonly searchPath: string;
  /** Where the user's command line looks for its hub; undefined = it is told by --data-dir. */
  readonly cliPointer: string | undefined;
}

/** A running hub process; disposing ends it in the reverse order of its start. */
export interface RunningHub extends AsyncDisposable {
  readonly hubId: string;
  /** http://host:port of the API. */
  readonly apiUrl: string;
}

/** What the parts of the start share. */
interface Parts {
  readonly options: HubOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly actor: Actor;
  readonly startedAtMs: number;
  readonly stack: AsyncDisposableStack;
  /** Aborted when the hub closes. */
  readonly stopping: AbortController;
}

const drainMs = 3_000;

/**
 * Starts everything of one hub process. Resolves when its listeners are open; it serves agents once its log and
 * registrations are read. Rejects, with everything closed again, when something cannot be opened.
 */
export async function startHub(options: HubOptions, signal: AbortSignal): Promise<RunningHub> {
  const stack = new AsyncDisposableStack();
  try {
    const clock = systemClock();
    const actor: Actor = { kind: 'hub', process: `${hostname()}-${randomUid().slice(0, 8)}` };
    const stopping = new AbortController();
    const parts: Parts = {
      options,
      clock,
      random: cryptoRandom(),
      actor,
      startedAtMs: clock.wallMs(),
      stack,
      stopping,
    };
    stack.use(await lockDataFolder(options.config.dataDir, 'flotilla-hub'));
    return await start(parts, signal);
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function start(parts: Parts, signal: AbortSignal): Promise<RunningHub> {
  const { actor, clock, options, random, stack } = parts;
  const { config, log } = options;
  const identity = await openIdentity({
    dataDir: config.dataDir,
    trustDomain: config.trustDomain,
    serverNames: config.advertiseHosts,
    clock,
    lives: { agentCertificateMs: config.agentCertificateLifeMs, natsUserMs: config.busCredentialLifeMs },
  });
  const processName = actor.kind === 'hub' ? actor.process : actor.name;
  const { searchPath } = options;
  const bus = await openBus({ config, identity, processName, searchPath, clock, random, log }, stack, signal);
  const health = createHubHealth(clock);
  health.set('bus', bus.isConnected());
  bus.onConnection((isConnected) => health.set('bus', isConnected));
  const peers = new PeerJudge();
  const loops = stack.use(
    await startHubLoops({
      config,
      bus,
      health,
      actor,
      clock,
      random,
      log,
      readRegistration: (key, value) => peers.readRegistration(key, value),
      decodeStatus: (stored) => decodeStatus(stored, log),
    }),
  );
  stack.defer(() => parts.stopping.abort(new DOMException('the hub is stopping', 'AbortError')));
  const serving = { ...parts, identity, bus, health, loops, peers };
  const agents = await serveAgents(serving);
  const apiUrl = await servePeople(serving, agents);
  return { hubId: identity.hubId, apiUrl, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

interface Serving extends Parts {
  readonly identity: Awaited<ReturnType<typeof openIdentity>>;
  readonly bus: HubBus;
  readonly health: HubHealth;
  readonly loops: HubLoops;
  readonly peers: PeerJudge;
}

/** What people's side needs to know of the agents' side. */
interface AgentsServed {
  readonly enrol: EnrolDeps;
  readonly enrolAddress: string;
  readonly metrics: ReturnType<typeof createMetrics>;
}

/** Opens the two listeners for agents and serves their streams. */
async function serveAgents(serving: Serving): Promise<AgentsServed> {
  const { bus, clock, health, identity, loops, options, random, stack, stopping } = serving;
  const { config } = options;
  const { fleet } = loops;
  const log = options.log.child({ loop: 'sessions' });
  const host = config.advertiseHosts[0] ?? 'localhost';
  let agentsPort = config.agentsAddress.port;
  const enrol: EnrolDeps = {
    hubId: identity.hubId,
    tokens: bus.tokens,
    clusters: bus.clusters,
    signer: identity.signer,
    clock,
    log: options.log.child({ loop: 'enrol' }),
    // randomUid() makes exactly the text of a cluster uid.
    newUid: () => randomUid() as ClusterUid,
    whereabouts: () => ({
      agentsAddress: formatHostPort({ host, port: agentsPort }),
      natsUrls: bus.agentUrls,
    }),
    onAlarm: (alarm) =>
      options.log.warn('alarm', {
        code: 'TOKEN_USED_AGAIN',
        cluster: alarm.clusterName,
        address: alarm.remoteAddress,
      }),
  };
  const cleaning = cleanUp(
    { ...enrol, random, log: options.log.child({ loop: 'cleanup' }) },
    stopping.signal,
  );
  stack.defer(() => cleaning);
  const listener = await startAssignmentListener({
    host: config.agentsAddress.host,
    port: config.agentsAddress.port,
    tls: identity.tlsServer(),
    readPeer: (certificateDer) => identity.readPeer(certificateDer),
    judgePeer: (peer) => serving.peers.judge(peer),
    renew: createRenewHandler(enrol),
    log,
  });
  agentsPort = listener.port;
  const metrics = createMetrics();
  const world = fleetWorld({
    fleet,
    rows: new SignedRows(fleet, identity.signer, () => undefined),
    decisions: bus.decisions,
    status: bus.status,
    signer: identity.signer,
    hubId: identity.hubId,
    hubVersion: programVersion,
    encodeReport: (report) => statusPayloadOf(report, gzip),
    onImpaired: (isImpaired) => health.set('presence', !isImpaired),
    wallMs: () => clock.wallMs(),
    log,
  });
  const sessions = startSessions({ listener, world, clock, random, log, metrics }, stopping.signal);
  stack.defer(async () => {
    stopping.abort(new DOMException('the hub is stopping', 'AbortError'));
    await sessions.ended;
    await listener.close(drainMs);
  });
  const enrolment = await startEnrolmentListener({
    host: config.enrolAddress.host,
    port: config.enrolAddress.port,
    tls: identity.tlsServer(),
    enrol: createEnrolHandler(enrol),
    log: options.log.child({ loop: 'enrol' }),
  });
  stack.defer(() => enrolment.close(drainMs));
  return { enrol, enrolAddress: formatHostPort({ host, port: enrolment.port }), metrics };
}

/** Opens API, webhooks and health, and tells the command line where to find them. */
async function servePeople(serving: Serving, agents: AgentsServed): Promise<string> {
  const { bus, clock, loops, options, stack, stopping } = serving;
  const { config } = options;
  const log = options.log.child({ loop: 'api' });
  const token = await openAdminToken(config.dataDir);
  const changes = apiChanges(loops.fleet, stopping.signal);
  bus.onConnection(() => changes.factsChanged());
  const api = createHubApi({
    fleet: loops.fleet,
    decisions: bus.decisions,
    clock,
    // randomUid() makes exactly the text of an event id.
    newEventId: () => randomUid() as EventId,
    enrol: agents.enrol,
    enrolAddress: agents.enrolAddress,
    changes,
    facts: hubFacts(factsOf(serving)),
    purgeReports: (uid, aborted) => bus.status.purge(uid, aborted),
  });
  const server = stack.use(
    await startApiServer({ api, listen: config.httpAddress, token: token.token, clock, log }),
  );
  const written = await writeCliContext({
    dataDir: config.dataDir,
    address: server.address,
    tokenFile: token.path,
    pointer: options.cliPointer,
  });
  if (!written.ok)
    options.log.warn('the command line must be told where the hub is', { reason: written.error });
  if (config.webhookAddress !== undefined && config.webhookSecretFile !== undefined) {
    const secret = await readWebhookSecret(config.webhookSecretFile);
    const listen = config.webhookAddress;
    stack.use(await startWebhookServer({ listen, secret, clock, log, onPush: () => loops.wakeControl() }));
  }
  stack.use(
    await startHealthServer({
      listen: config.healthAddress,
      live: () => [{ name: 'process', isOk: true, text: 'runs' }],
      ready: () => readiness(serving),
      metrics: agents.metrics,
    }),
  );
  return `http://${formatHostPort(server.address)}`;
}

function factsOf({ bus, clock, identity, loops, options, startedAtMs }: Serving) {
  return { bus, clock, loops, startedAtMs, config: options.config, hubId: identity.hubId };
}

async function decodeStatus(stored: StoredStatus, log: Logger) {
  const report = reportOfPayload(stored.payload, gzip);
  if (report.ok) return report.value;
  log.warn('a report does not decode', { cluster_uid: stored.uid, reason: describeCodecError(report.error) });
  return undefined;
}
