import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Engine, startEngine } from '@flotilla/agent/engine';
import { openHeldRows } from '@flotilla/agent/held-rows';
import { completeKubeConfig, openKube } from '@flotilla/agent/io/kube';
import { openHelm, openKustomize } from '@flotilla/agent/io/render';
import type { KubePort } from '@flotilla/agent/ports';
import type { ClusterUid, Digest, GitId, HubId, PlacementName, RolloutId } from '@flotilla/shared/base';
import { seededRandom } from '@flotilla/shared/base';
import { encodeStoredRow, parseStoredRow } from '@flotilla/shared/codec';
import { silentLogger, systemClock } from '@flotilla/shared/kit';
import type { AssignmentReport, AssignmentRow } from '@flotilla/shared/model';
import { variantDigest } from '@flotilla/shared/model';
import {
  memoryContent,
  memoryCredentialStore,
  memoryGit,
  memoryStateStore,
  memoryStatusSink,
} from '../fakes/index.ts';
import type { AdminCredential } from '../real/control-plane/index.ts';
import { findTool } from '../tools/index.ts';
import { releaseName } from './reference.ts';

/** Files of a repository by path. */
export type RepositoryFiles = Readonly<Record<string, string>>;

/** What is to be on the cluster. */
export interface Wanted {
  readonly files: RepositoryFiles;
  /** What of the files is rendered; '' = all. */
  readonly path: string;
  readonly namespace: string;
}

/** The agent's engine on one cluster. */
export interface Reconciler extends AsyncDisposable {
  /** Assigns it, and waits until the engine is done, or waits for something that is not coming. */
  bring(wanted: Wanted): Promise<AssignmentReport>;
  /** Ends the engine, starts one anew with what the first had stored, and waits until it has looked at everything. */
  restart(): Promise<AssignmentReport>;
}

const placement = releaseName as PlacementName;
const never = new AbortController().signal;
/** What the agent is called in the audit log. */
export const agentUserAgent = 'flotilla-conformance';
/** Nothing moved for so long: what is not applied by now waits for something that is not coming. */
const quietMs = 20_000;
const deadlineMs = 180_000;
const owner = { hubId: 'h'.repeat(26) as HubId, clusterUid: 'c'.repeat(26) as ClusterUid };

/**
 * The production engine with the real ports to the API server and to the renderers; what it stores, fetches and publishes stays
 * in memory.
 */
export async function startReconciler(credential: AdminCredential): Promise<Reconciler> {
  const [kustomize, helm] = await Promise.all([findTool('kustomize'), findTool('helm')]);
  const kube = openKube(kubeConfigOf(credential));
  const git = memoryGit();
  const store = memoryStateStore();
  const format = { encode: encodeStoredRow, parse: parseStoredRow };
  const { rows } = await openHeldRows(store, format, never);
  const ports = {
    clock: systemClock(),
    random: seededRandom(1),
    kube,
    // An engine that was started anew has to get by with what it stored.
    content: memoryContent(git, { isCaching: false }),
    kustomize: openKustomize({ program: kustomize.path }),
    helm: openHelm({ program: helm.path }),
    store,
    status: memoryStatusSink(),
    credentials: memoryCredentialStore(),
  };
  const start = () => startEngine({ ports, heldRows: rows, session, config, log: silentLogger });
  let engine = start();
  let seq = 0;
  return {
    async bring({ files, path, namespace }) {
      const commit = git.commit(files);
      const paths = [...new Set([path, ''])];
      const trees = paths.map((one) => ({ path: one, treeId: git.treeAt(commit, one) }));
      seq += 1;
      await rows.accept([rowOf({ commit, trees, namespace, seq })], never);
      return await untilQuiet(engine, seq);
    },
    async restart() {
      await engine[Symbol.asyncDispose]();
      engine = start();
      return await untilQuiet(engine, seq);
    },
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await kube.close();
    },
  };
}

const session = { incarnation: () => 1, sendReport: () => false, onWantReport: () => () => undefined };

const config = {
  agentVersion: '0.0.0-conformance',
  owner,
  clusterName: 'conformance',
  namespace: 'flotilla-system',
  resyncMs: 600_000,
  streamFallbackMs: 60_000,
  apiParallelism: 16,
  assignmentParallelism: 32,
  isSimulated: false,
};

function kubeConfigOf({ serverUrl, caPem, certPem, keyPem, token }: AdminCredential) {
  return completeKubeConfig({
    serverUrl,
    caPem,
    userAgent: agentUserAgent,
    ...(token === undefined ? {} : { token: { kind: 'text', token } as const }),
    ...(certPem === undefined || keyPem === undefined
      ? {}
      : { clientCertPem: certPem, clientKeyPem: keyPem }),
  });
}

interface RowParts {
  readonly commit: GitId;
  readonly trees: AssignmentRow['variant']['content']['trees'];
  readonly namespace: string;
  readonly seq: number;
}

/** A row as a hub makes it from a placement with the product's defaults, but for budgets: everything may be pruned. */
function rowOf({ commit, trees, namespace, seq }: RowParts): AssignmentRow {
  const variant = {
    content: {
      repositoryUrl: 'https://git.example.org/set.git',
      credential: undefined,
      commit: { id: commit, author: 'author', subject: 'subject', committedAtS: 0 },
      ref: 'main',
      trees,
      requiredSigners: [],
      caBundlePem: undefined,
    },
    render: { renderer: 'auto', helm: undefined, namespace, patches: [], variables: {} },
    apply: {
      mode: 'bestEffort',
      takeOver: 'ifNoDiff',
      drift: 'correct',
      ignore: [],
      createNamespace: true,
      priority: 0,
      takeOverFrom: undefined,
      confirmMs: undefined,
    },
    health: { deadlineMs: 600_000, soakMs: 0, checks: [] },
    prune: { enabled: true, maxObjects: 100_000, maxPercent: 100 },
  } as const;
  return {
    kind: 'assignment',
    placement,
    version: { epoch: 1, seq },
    proof: { eventHash: 'e'.repeat(64) as Digest, mac: 'f'.repeat(64) as Digest },
    cause: { kind: 'commit', commit },
    mode: 'update',
    rollout: 'set-1' as RolloutId,
    suspension: undefined,
    permittedPrune: undefined,
    variant: { ...variant, digest: variantDigest(variant) },
    credential: undefined,
  };
}

/** Waits until everything is applied and pruned, or nothing has moved for a while. */
async function untilQuiet(engine: Engine, seq: number): Promise<AssignmentReport> {
  const startedMs = performance.now();
  let last = '';
  let sinceMs = startedMs;
  for (;;) {
    const report = engine.reports()[0];
    const nowMs = performance.now();
    const text = JSON.stringify(report === undefined ? '' : { ...report, healthyForMs: 0 });
    if (text !== last) [last, sinceMs] = [text, nowMs];
    if (report?.version.seq === seq && (isDone(report) ? nowMs - sinceMs > 300 : nowMs - sinceMs > quietMs))
      return report;
    if (nowMs - startedMs > deadlineMs) throw new Error(`the engine does not come to rest: ${last}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Everything is applied and pruned, or the engine says itself that it cannot go on. */
function isDone({ state, phase, counts }: AssignmentReport): boolean {
  const isOver = state === 'Ready' || state === 'Degraded' || state === 'Stalled' || phase === 'verifying';
  return isOver && counts.pruning === 0;
}

/** The files below a folder. */
export async function readFiles(root: string): Promise<RepositoryFiles> {
  const entries = await readdir(root, { withFileTypes: true, recursive: true });
  const paths = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  const files = await Promise.all(
    paths.map(async (path) => [relative(root, path), await readFile(path, 'utf8')] as const),
  );
  return Object.fromEntries(files);
}
