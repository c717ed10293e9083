import { join } from 'node:path';
import { encodeStoredRow, parseStoredRow } from '@flotilla/shared/codec';
import {
  createMetrics,
  cryptoRandom,
  type Logger,
  lockDataFolder,
  programVersion,
  startHealthServer,
  systemClock,
} from '@flotilla/shared/kit';
import type { AgentConfig } from './config.ts';
import { agentCapabilities } from './core/session/index.ts';
import { folderCredentialStore, secretCredentialStore } from './io/credential-store.ts';
import { openContentReader } from './io/git/content.ts';
import { hubLinkOf } from './io/hub-link/index.ts';
import { openKube } from './io/kube/index.ts';
import { openKustomize } from './io/render/index.ts';
import { openFolderStore } from './io/state-store/folder-store.ts';
import { openStatusSink } from './io/status-sink.ts';
import {
  type Engine,
  type EngineConfig,
  openHeldRows,
  type Session,
  startEngine,
  startSession,
} from './loops/index.ts';
import type { CredentialStore, KubePort, StateStore, StatusSink } from './ports.ts';
import { kubeConfigOf, readKubeSystemUid } from './start/cluster.ts';
import { ensureIdentity } from './start/join.ts';

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
  const [clock, random] = [systemClock(), cryptoRandom()];
  stack.use(await lockDataFolder(config.stateDir, 'flotilla-agent'));
  const store = await openFolderStore(join(config.stateDir, 'records'));
  const kube = options.kube ?? openKube(await kubeConfigOf(config));
  stack.defer(() => kube.close());
  const kubeSystemUid = await readKubeSystemUid(kube, log, signal);
  const identity = await ensureIdentity({ config, log }, { store, kubeSystemUid }, signal);
  const { rows, damage } = await openHeldRows(
    store,
    { encode: encodeStoredRow, parse: parseStoredRow },
    signal,
  );
  for (const text of damage) log.error('a held row cannot be read', { reason: text });
  const content = await openContentReader({
    folder: config.cacheDir ?? join(config.stateDir, 'cache'),
    allowPlainHttpHosts: config.plainHttpHosts,
  });
  stack.defer(() => content.close());
  const status = openStatusSink({ identity: () => identity, random, log: log.child({ loop: 'bus' }) });
  stack.defer(() => status.close());
  const closing = new AbortController();
  const engines: Engine[] = [];
  const session = await startSession(
    {
      link: hubLinkOf({ identity: () => identity }),
      rows,
      store,
      clock,
      random,
      log: log.child({ loop: 'session' }),
      hubId: identity.hubId,
      agentVersion: programVersion,
      kubeSystemUid,
      capabilities: agentCapabilities,
      lastReportSeq: () => engines[0]?.lastSeq() ?? 0,
    },
    closing.signal,
  );
  stack.defer(async () => {
    closing.abort(new DOMException('the agent is stopping', 'AbortError'));
    await session.ended;
  });
  const metrics = createMetrics();
  const engine = startEngine({
    ports: {
      clock,
      random,
      kube,
      content,
      kustomize: openKustomize({ program: config.kustomize }),
      store,
      status,
      credentials: credentialsOf(config, kube),
    },
    heldRows: rows,
    session,
    config: engineConfigOf(options),
    log,
    metrics,
  });
  engines.push(engine);
  stack.use(engine);
  if (options.servesHealth !== false) {
    stack.use(
      await startHealthServer({
        listen: config.healthAddress,
        live: () => [{ name: 'process', isOk: true, text: 'runs' }],
        ready: () => readiness(engine, { session, status, store }),
        metrics,
      }),
    );
  }
  return {
    clusterName: identity.clusterName,
    clusterUid: identity.clusterUid,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function engineConfigOf({ config, isSimulated }: AgentOptions): EngineConfig {
  return {
    agentVersion: programVersion,
    namespace: config.namespace,
    resyncMs: config.resyncIntervalMs,
    streamFallbackMs: config.streamFallbackMs,
    apiParallelism,
    assignmentParallelism,
    isSimulated: isSimulated ?? false,
  };
}

/** As a process from a folder, in a cluster from Secrets of the agent's namespace. */
function credentialsOf(config: AgentConfig, kube: KubePort): CredentialStore {
  return config.credentialsDir === undefined
    ? secretCredentialStore(kube, config.namespace)
    : folderCredentialStore(config.credentialsDir);
}

function readiness(
  engine: Engine,
  parts: { readonly session: Session; readonly status: StatusSink; readonly store: StateStore },
) {
  const { session, status, store } = parts;
  const damage = store.damage.at(-1);
  // Hub and bus are shown, but an agent without them does its work: only the cluster itself counts.
  return [
    { name: 'cluster', isOk: engine.isReady, text: engine.isReady ? 'reached' : 'not reached yet' },
    { name: 'hub', isOk: true, text: session.isConnected() ? 'connected' : 'away' },
    { name: 'bus', isOk: true, text: status.isConnected ? 'connected' : 'away' },
    { name: 'store', isOk: true, text: damage ?? 'whole' },
  ];
}
