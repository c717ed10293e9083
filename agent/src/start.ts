import { join } from 'node:path';
import type { Clock, Random } from '@flotilla/shared/base';
import { encodeStoredRow, parseStoredRow } from '@flotilla/shared/codec';
import { proxySettings } from '@flotilla/shared/git/proxy';
import {
  createMetrics,
  cryptoRandom,
  type Logger,
  lockDataFolder,
  type Metrics,
  programVersion,
  startHealthServer,
  systemClock,
} from '@flotilla/shared/kit';
import type { AgentConfig } from './config.ts';
import { type LocalPolicy, signersFor } from './core/policy/index.ts';
import { agentCapabilities } from './core/session/index.ts';
import { identityKeeperOf } from './identity.ts';
import { openContentReader } from './io/git/index.ts';
import { hubLinkOf } from './io/hub-link/index.ts';
import { openKube } from './io/kube/index.ts';
import { openHelm, openKustomize, openTurns } from './io/render/index.ts';
import { openStatusSink } from './io/status-sink.ts';
import {
  type Engine,
  type EngineConfig,
  type HeldRows,
  openHeldRows,
  type Renewal,
  type Session,
  startEngine,
  startRenewal,
  startSession,
} from './loops/index.ts';
import type { AgentIdentity, KubePort, StateStore, StatusSink } from './ports.ts';
import {
  credentialsOf,
  ensureIdentity,
  kubeConfigOf,
  loadPolicy,
  openStore,
  readiness,
  readKubeSystemUid,
} from './start/index.ts';

/** What an agent is started with. */
export interface AgentOptions {
  readonly config: AgentConfig;
  readonly log: Logger;
  /** The cluster's API; opened from the configuration when not given. The demo gives a simulated one. */
  readonly kube?: KubePort;
  /** Said in the facts, and so wherever the cluster appears. Default false. */
  readonly isSimulated?: boolean;
  /** Health, readiness and metrics on health-address. Default true. */
  readonly servesHealth?: boolean;
}

/** A running agent; disposing ends it in the reverse order of its start. */
export interface RunningAgent extends AsyncDisposable {
  readonly clusterName: string;
  readonly clusterUid: string;
}

const apiParallelism = 16;
const assignmentParallelism = 32;

/**
 * Starts an agent: joins when it has no identity yet, then keeps its cluster equal to the rows it holds. From its second
 * start on it needs neither hub nor bus nor Git to go on with what it holds. Rejects, with everything closed again, when
 * something cannot be opened.
 */
export async function startAgent(options: AgentOptions, signal: AbortSignal): Promise<RunningAgent> {
  const stack = new AsyncDisposableStack();
  try {
    return await start(options, stack, signal);
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function start(
  options: AgentOptions,
  stack: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<RunningAgent> {
  const { config, log } = options;
  const policy = await loadPolicy(config);
  stack.use(await lockDataFolder(config.stateDir, 'flotilla-agent'));
  const kube = options.kube ?? openKube(await kubeConfigOf(config));
  stack.defer(() => kube.close());
  const store = await openStore(config, kube);
  const kubeSystemUid = await readKubeSystemUid(kube, log, signal);
  const identity = await ensureIdentity({ config, log }, { store, kubeSystemUid }, signal);
  const format = { encode: encodeStoredRow, parse: parseStoredRow };
  const { rows, damage } = await openHeldRows(store, format, signal);
  for (const text of damage) log.error('a held row cannot be read', { reason: text });
  const parts: Parts = {
    options,
    policy,
    stack,
    store,
    kube,
    rows,
    metrics: createMetrics(),
    clock: systemClock(),
    random: cryptoRandom(),
  };
  // The engine is made last and asked by the session from its first heartbeat on.
  const engines: Engine[] = [];
  const lastReportSeq = () => engines[0]?.lastSeq() ?? 0;
  const { renewal, session, status } = await followHub(parts, { identity, kubeSystemUid, lastReportSeq });
  const engine = await keepCluster(parts, { identity, session, status });
  engines.push(engine);
  if (options.servesHealth !== false) {
    stack.use(
      await startHealthServer({
        listen: config.healthAddress,
        live: () => [{ name: 'process', isOk: true, text: 'runs' }],
        ready: () => readiness({ engine, renewal, session, status, store }),
        metrics: parts.metrics,
      }),
    );
  }
  return {
    clusterName: identity.clusterName,
    clusterUid: identity.clusterUid,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** What the parts of the start share. */
interface Parts {
  readonly options: AgentOptions;
  readonly policy: LocalPolicy | undefined;
  readonly stack: AsyncDisposableStack;
  readonly store: StateStore;
  readonly kube: KubePort;
  readonly rows: HeldRows;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly random: Random;
}

/** The agent's side towards the hub: identity kept fresh, stream, bus. */
async function followHub(
  { clock, metrics, options, policy, random, rows, stack, store }: Parts,
  about: {
    readonly identity: AgentIdentity;
    readonly kubeSystemUid: string;
    readonly lastReportSeq: () => number;
  },
): Promise<{ readonly renewal: Renewal; readonly session: Session; readonly status: StatusSink }> {
  const { log } = options;
  const { identity, kubeSystemUid, lastReportSeq } = about;
  const closing = new AbortController();
  const link = hubLinkOf({ identity: () => renewal.identity() });
  const renewal = startRenewal(
    {
      identity,
      keeper: identityKeeperOf(store),
      hub: link,
      store,
      clock,
      random,
      log: log.child({ loop: 'renew' }),
      metrics,
    },
    closing.signal,
  );
  const status = openStatusSink({
    identity: () => renewal.identity(),
    random,
    log: log.child({ loop: 'bus' }),
    backoff: { baseMs: 1_000, capMs: options.config.busReconnectMaxMs },
  });
  stack.defer(() => status.close());
  const session = await startSession(
    {
      link,
      rows,
      store,
      clock,
      random,
      log: log.child({ loop: 'session' }),
      hubId: identity.hubId,
      agentVersion: programVersion,
      kubeSystemUid,
      capabilities: agentCapabilities,
      policy,
      lastReportSeq,
    },
    closing.signal,
  );
  stack.defer(async () => {
    closing.abort(new DOMException('the agent is stopping', 'AbortError'));
    await Promise.all([session.ended, renewal.ended]);
  });
  return { renewal, session, status };
}

/** The agent's side towards its cluster: the reconciler. */
async function keepCluster(
  { clock, kube, metrics, options, policy, random, rows, stack, store }: Parts,
  about: { readonly identity: AgentIdentity; readonly session: Session; readonly status: StatusSink },
): Promise<Engine> {
  const { identity, session, status } = about;
  const { config, log } = options;
  const content = await openContentReader({
    folder: config.cacheDir ?? join(config.stateDir, 'cache'),
    allowPlainHttpHosts: config.plainHttpHosts,
    deniedRanges: config.deniedRanges,
    proxy: proxySettings(config.gitProxy, config.noProxy),
    silenceMs: config.gitSilenceMs,
    signersOf: (wanted) => signersFor(wanted, policy),
  });
  stack.defer(() => content.close());
  const turns = openTurns();
  const kustomize = openKustomize({ program: config.kustomize, turns });
  const helm = openHelm({ program: config.helm, turns });
  const credentials = credentialsOf(config, kube);
  const engine = startEngine({
    ports: { clock, random, kube, content, kustomize, helm, store, status, credentials },
    heldRows: rows,
    session,
    config: { ...engineConfigOf(options, identity), policy },
    log,
    metrics,
  });
  stack.use(engine);
  return engine;
}

function engineConfigOf({ config, isSimulated }: AgentOptions, identity: AgentIdentity): EngineConfig {
  return {
    agentVersion: programVersion,
    owner: { hubId: identity.hubId, clusterUid: identity.clusterUid },
    clusterName: identity.clusterName,
    namespace: config.namespace,
    resyncMs: config.resyncIntervalMs,
    streamFallbackMs: config.streamFallbackMs,
    apiParallelism,
    assignmentParallelism,
    isSimulated: isSimulated ?? false,
  };
}
