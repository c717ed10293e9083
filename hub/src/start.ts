import { hostname } from 'node:os';
import { describeCodecError, reportOfPayload } from '@flotilla/shared/codec';
import {
  type CounterMetric,
  createMetrics,
  cryptoRandom,
  gzip,
  type Logger,
  lockDataFolder,
  randomUid,
  systemClock,
} from '@flotilla/shared/kit';
import type { Actor } from '@flotilla/shared/model';
import { type HubIdentity, openIdentity } from './io/signer/index.ts';
import { claimFleet, PeerJudge } from './loops/index.ts';
import type { StoredStatus } from './ports.ts';
import {
  countDecisions,
  createHubHealth,
  defineHubMetrics,
  type HubOptions,
  openBus,
  type Parts,
  processNameOf,
  serveAgents,
  servePeople,
  showFleet,
  startHubLoops,
} from './start/index.ts';

export type { HubOptions } from './start/index.ts';

/** A running hub process; disposing ends it in the reverse order of its start. */
export interface RunningHub extends AsyncDisposable {
  readonly hubId: string;
  /** http://host:port of the API. */
  readonly apiUrl: string;
  /** Resolves with the reason when this process cannot go on and must be started again; else never. */
  readonly failure: Promise<unknown>;
}

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
    const metrics = createMetrics();
    const parts: Parts = {
      options,
      clock,
      random: cryptoRandom(),
      actor,
      metrics,
      counted: defineHubMetrics(metrics),
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
  const { actor, clock, counted, options, random, stack } = parts;
  const { config, log } = options;
  const identity = await openIdentity({
    dataDir: config.dataDir,
    identityDir: config.identityDir,
    // The servers of an external bus know the fleet's keys already: new ones would be those of another fleet.
    mayBegin: config.identityDir === undefined && config.natsUrls.length === 0,
    trustDomain: config.trustDomain,
    serverNames: config.advertiseHosts,
    clock,
    lives: { agentCertificateMs: config.agentCertificateLifeMs, natsUserMs: config.busCredentialLifeMs },
  });
  const processName = processNameOf(actor);
  const { searchPath } = options;
  const opened = await openBus(
    { config, identity, processName, searchPath, clock, random, log },
    stack,
    signal,
  );
  await claimFleet({ meta: opened.meta, clock, random, log }, fleetMarksOf(identity), signal);
  const bus = { ...opened, decisions: countDecisions(counted.decisions, opened.decisions) };
  const health = createHubHealth(clock);
  health.set('bus', bus.isConnected());
  bus.onConnection((isConnected) => health.set('bus', isConnected));
  const peers = new PeerJudge();
  const failure = Promise.withResolvers<unknown>();
  const loops = stack.use(
    await startHubLoops({
      config,
      bus,
      health,
      actor,
      clock,
      random,
      log,
      onLogLost: failure.resolve,
      checksTried: counted.checks,
      readRegistration: (key, value) => peers.readRegistration(key, value),
      decodeStatus: (stored) => decodeStatus(counted.reports, stored, log),
    }),
  );
  stack.defer(() => parts.stopping.abort(new DOMException('the hub is stopping', 'AbortError')));
  showFleet(counted, loops.fleet, bus.isConnected);
  counted.looks.compute(() => Number(loops.looks()));
  const serving = { ...parts, identity, bus, health, loops, peers };
  const agents = await serveAgents(serving);
  const apiUrl = await servePeople(serving, agents);
  return {
    hubId: identity.hubId,
    apiUrl,
    failure: failure.promise,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** What every process of this fleet must have in common. */
function fleetMarksOf({ hubId, signer, trustDomain }: HubIdentity) {
  return { hubId, trustDomain, caPin: signer.pin, rowKey: signer.macRow('the key of this fleet') };
}

async function decodeStatus(counter: CounterMetric<'outcome'>, stored: StoredStatus, log: Logger) {
  const report = reportOfPayload(stored.payload, gzip);
  counter.add(1, { outcome: report.ok ? 'read' : 'malformed' });
  if (report.ok) return report.value;
  log.warn('a report does not decode', { cluster_uid: stored.uid, reason: describeCodecError(report.error) });
  return undefined;
}
