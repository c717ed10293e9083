import { type Engine, startEngine } from '@flotilla/agent/engine';
import { openHeldRows } from '@flotilla/agent/held-rows';
import { completeKubeConfig, defaultKubeTiming, openKube } from '@flotilla/agent/io/kube';
import { openHelm, openKustomize } from '@flotilla/agent/io/render';
import type { ContentPort, StateStore } from '@flotilla/agent/ports';
import type { ClusterUid, HubId, PlacementName } from '@flotilla/shared/base';
import { seededRandom } from '@flotilla/shared/base';
import { encodeStoredRow, parseStoredRow } from '@flotilla/shared/codec';
import { silentLogger, systemClock } from '@flotilla/shared/kit';
import type { AssignmentReport } from '@flotilla/shared/model';
import { memoryContent, memoryCredentialStore, memoryGit, memoryStatusSink } from '../../fakes/index.ts';
import { findTool } from '../../tools/index.ts';
import type { AdminCredential } from '../control-plane/index.ts';
import { type RowParts, removalRow, rowOf } from './row.ts';

/** Files of a repository by path. */
export type RepositoryFiles = Readonly<Record<string, string>>;

/** What is to be on the cluster. */
export interface Wanted {
  readonly placement: PlacementName;
  readonly files: RepositoryFiles;
  /** What of the files is rendered; '' = all. */
  readonly path: string;
  readonly namespace: string;
  /** Grows with each row of a placement. */
  readonly seq: number;
}

/** What an engine is started with. */
export interface AgentEngineOptions {
  /** A `serverUrl` that begins with http:// is a proxy of the test's. */
  readonly credential: AdminCredential;
  readonly store: StateStore;
  /** What it is called in the audit log. */
  readonly userAgent: string;
  /** Where content comes from, for rows that `assignRow` gives it. Default: the memory that `assign` puts files into. */
  readonly content?: ContentPort;
  /** Deadline of one request to the API server. Default: the product's. */
  readonly requestMs?: number;
}

/** The agent's engine on one cluster. */
export interface AgentEngine extends AsyncDisposable {
  /** Assigns it. */
  assign(wanted: Wanted): Promise<void>;
  /** Assigns content of the port that the engine was started with. */
  assignRow(parts: RowParts): Promise<void>;
  /** Ends it, with everything in it. */
  remove(wanted: Pick<Wanted, 'placement' | 'seq'>): Promise<void>;
  /** What is said of a placement now; undefined = nothing yet. */
  report(placement: PlacementName): AssignmentReport | undefined;
  /** Waits until the row of a placement is done, or waits for something that is not coming; answers with what is said of it. */
  atRest(wanted: Pick<Wanted, 'placement' | 'seq'>): Promise<AssignmentReport>;
  /** Ends the engine and starts one anew with what the first had stored. */
  restart(): Promise<void>;
}

const never = new AbortController().signal;
/** Nothing moved for so long: what is not applied by now waits for something that is not coming. */
const quietMs = 20_000;
/** The same of what the engine itself says that it cannot go on with. */
const refusedMs = 5_000;
/** What is done stays so for a moment. */
const doneMs = 300;
const deadlineMs = 180_000;

const session = {
  incarnation: () => 1,
  sendReport: () => false,
  heardAtMs: () => undefined,
  onWantReport: () => () => undefined,
};

const config = {
  agentVersion: '0.0.0-test',
  owner: { hubId: 'h'.repeat(26) as HubId, clusterUid: 'c'.repeat(26) as ClusterUid },
  clusterName: 'test',
  namespace: 'flotilla-system',
  resyncMs: 600_000,
  streamFallbackMs: 60_000,
  apiParallelism: 16,
  assignmentParallelism: 32,
  isSimulated: false,
};

/**
 * The production engine with the real ports to API server, renderers and store; content comes from a repository in memory,
 * reports go nowhere.
 */
export async function startAgentEngine(options: AgentEngineOptions): Promise<AgentEngine> {
  const [kustomize, helm] = await Promise.all([findTool('kustomize'), findTool('helm')]);
  const kube = openKube(kubeConfigOf(options));
  const git = memoryGit();
  const { store } = options;
  const format = { encode: encodeStoredRow, parse: parseStoredRow };
  const { rows } = await openHeldRows(store, format, never);
  const ports = {
    clock: systemClock(),
    random: seededRandom(1),
    kube,
    // An engine that was started anew has to get by with what it stored.
    content: options.content ?? memoryContent(git, { isCaching: false }),
    kustomize: openKustomize({ program: kustomize.path }),
    helm: openHelm({ program: helm.path }),
    store,
    status: memoryStatusSink(),
    credentials: memoryCredentialStore(),
  };
  const start = () => startEngine({ ports, heldRows: rows, session, config, log: silentLogger });
  let engine = start();
  return {
    async assign({ files, path, ...wanted }) {
      const commit = git.commit(files, { parent: null });
      const paths = [...new Set([path, ''])];
      const trees = paths.map((one) => ({ path: one, treeId: git.treeAt(commit, one) }));
      await rows.accept([rowOf({ ...wanted, commit, trees })], never);
    },
    async assignRow(parts) {
      await rows.accept([rowOf(parts)], never);
    },
    async remove(wanted) {
      await rows.accept([removalRow({ ...wanted, commit: git.commit({}, { parent: null }) })], never);
    },
    report: (placement) => reportOf(engine, placement),
    atRest: async ({ placement, seq }) => await untilQuiet(() => reportOf(engine, placement), seq),
    async restart() {
      await engine[Symbol.asyncDispose]();
      engine = start();
    },
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await kube.close();
    },
  };
}

/** How the API of a test's cluster is reached with a credential, and under what name. */
export function kubeConfigOf({
  credential,
  userAgent,
  requestMs = defaultKubeTiming.requestMs,
}: Pick<AgentEngineOptions, 'credential' | 'userAgent' | 'requestMs'>) {
  const { serverUrl, caPem, certPem, keyPem, token } = credential;
  return completeKubeConfig({
    serverUrl,
    caPem,
    userAgent,
    timing: { ...defaultKubeTiming, requestMs },
    ...(token === undefined ? {} : { token: { kind: 'text', token } as const }),
    ...(certPem === undefined || keyPem === undefined
      ? {}
      : { clientCertPem: certPem, clientKeyPem: keyPem }),
  });
}

function reportOf(engine: Engine, placement: PlacementName): AssignmentReport | undefined {
  return engine.reports().find((one) => one.placement === placement);
}

/** Waits until everything is applied and pruned, or nothing has moved for a while. */
async function untilQuiet(look: () => AssignmentReport | undefined, seq: number): Promise<AssignmentReport> {
  const startedMs = performance.now();
  let last = '';
  let sinceMs = startedMs;
  for (;;) {
    const report = look();
    const nowMs = performance.now();
    const text = JSON.stringify(report === undefined ? '' : { ...report, healthyForMs: 0 });
    if (text !== last) [last, sinceMs] = [text, nowMs];
    if (report?.version.seq === seq && nowMs - sinceMs > patienceWith(report)) return report;
    if (nowMs - startedMs > deadlineMs) throw new Error(`the engine does not come to rest: ${last}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** How long a report has to stay as it is before it is taken for the last one. */
function patienceWith({ state, variantDigest, appliedVariantDigest, counts }: AssignmentReport): number {
  if (state === 'Removed') return 0;
  // Set at the very end of a row, when all is applied and pruned.
  const isDone = appliedVariantDigest === variantDigest && counts.pruning === 0;
  // A removal has no variant: it is done when it says Removed.
  if (isDone && variantDigest !== undefined) return doneMs;
  return state === 'Degraded' || state === 'Stalled' ? refusedMs : quietMs;
}
