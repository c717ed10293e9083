import type { Clock, Digest, GitId, PlacementName, RolloutId } from '@flotilla/shared/base';
import { seededRandom, sha256Hex } from '@flotilla/shared/base';
import { silentLogger, systemClock } from '@flotilla/shared/kit';
import type {
  ApplyPolicy,
  AssignmentReport,
  AssignmentRow,
  KubeObject,
  ObjectRef,
  PrunePolicy,
  RemovalRow,
  Render,
  Report,
  Row,
} from '@flotilla/shared/model';
import { variantDigest } from '@flotilla/shared/model';
import { memoryHeldRows } from '../../../test/fakes/held-rows.ts';
import { type MemoryStateStore, memoryStateStore } from '../../../test/fakes/state-store.ts';
import {
  type SimulatedCluster,
  type SimulatedWrite,
  startSimulatedCluster,
} from '../io/kube-simulated/index.ts';
import type { ContentPort, FetchedContent, KubePort, KustomizePort } from '../ports.ts';
import { type Engine, startEngine } from './engine.ts';
import type { EngineConfig } from './engine-context.ts';
import type { HeldRows } from './held-rows.ts';

/** Test only: files of a source by path. */
export type Files = Readonly<Record<string, string>>;

/** Test only: everything around an engine that survives its restart. */
export interface EngineWorld {
  readonly store: MemoryStateStore;
  readonly rows: HeldRows;
  readonly git: TestGit;
  readonly reports: Report[];
  readonly clock: Clock;
  /** The status bus is up. */
  isBusUp: boolean;
}

/** Test only: a Git server in memory. */
export interface TestGit extends ContentPort {
  /** Makes a commit of files below `app/`; returns the content of a row for it. */
  commit(files: Files): { readonly commit: GitId; readonly treeId: GitId };
  isUp: boolean;
  readonly fetches: number;
}

export function testGit(): TestGit {
  const trees = new Map<string, Files>();
  let fetches = 0;
  const git: TestGit = {
    isUp: true,
    get fetches() {
      return fetches;
    },
    commit(files) {
      const treeId = sha256Hex(JSON.stringify(files)) as string as GitId;
      trees.set(treeId, files);
      return { treeId, commit: sha256Hex(`commit ${treeId} ${trees.size}`) as string as GitId };
    },
    async fetch(content, _credential, signal): Promise<FetchedContent> {
      signal.throwIfAborted();
      fetches += 1;
      const files = trees.get(content.trees[0]?.treeId ?? '');
      if (!git.isUp || files === undefined) throw new Error('git server is away');
      return {
        commit: content.commit.id,
        trees: content.trees,
        files: Object.entries(files).map(([path, text]) => ({
          path: `app/${path}`,
          bytes: new TextEncoder().encode(text),
        })),
        problems: [],
        rung: 'tree-want',
      };
    },
  };
  return git;
}

export function engineWorld(): EngineWorld {
  return {
    store: memoryStateStore(),
    rows: memoryHeldRows(),
    git: testGit(),
    reports: [],
    clock: systemClock(),
    isBusUp: true,
  };
}

const noKustomize: KustomizePort = {
  build: () => Promise.reject(new Error('no kustomize in this test')),
};

export const testConfig: EngineConfig = {
  agentVersion: '0.1.0-test',
  namespace: 'flotilla-system',
  resyncMs: 600_000,
  streamFallbackMs: 60_000,
  apiParallelism: 16,
  assignmentParallelism: 8,
  isSimulated: true,
};

/** Starts an engine in a world, as the program does. */
export function startIn(world: EngineWorld, kube: KubePort, config: Partial<EngineConfig> = {}): Engine {
  return startEngine({
    ports: {
      clock: world.clock,
      random: seededRandom(7),
      kube,
      content: world.git,
      kustomize: noKustomize,
      store: world.store,
      status: {
        get isConnected() {
          return world.isBusUp;
        },
        async publish(report) {
          if (!world.isBusUp) throw new Error('bus is away');
          world.reports.push(report);
        },
        close: async () => undefined,
      },
      credentials: { find: async () => undefined },
    },
    heldRows: world.rows,
    session: { incarnation: () => 1, sendReport: () => false, onWantReport: () => () => undefined },
    config: { ...testConfig, ...config },
    log: silentLogger,
  });
}

let seq = 0;
const proof = { eventHash: 'e'.repeat(64) as Digest, mac: 'f'.repeat(64) as Digest };
const commitCause = { kind: 'commit', commit: 'c'.repeat(40) as GitId } as const;

/** What a test wants of a row; everything else has the product's defaults. */
export interface RowWish {
  readonly placement?: string;
  readonly files: Files;
  readonly apply?: Partial<ApplyPolicy>;
  readonly prune?: Partial<PrunePolicy>;
  readonly render?: Partial<Render>;
  readonly permittedPrune?: Digest;
  readonly suspended?: string;
  readonly deadlineMs?: number;
}

export function rowFor(world: EngineWorld, wish: RowWish): AssignmentRow {
  const { commit, treeId } = world.git.commit(wish.files);
  seq += 1;
  const variant = {
    content: {
      repositoryUrl: 'https://git.example.org/shop.git',
      credential: undefined,
      commit: { id: commit, author: 'A', subject: 's', committedAtS: 0 },
      ref: 'main',
      trees: [{ path: 'app', treeId }],
      requiredSigners: [],
      caBundlePem: undefined,
    },
    render: {
      renderer: 'auto',
      helm: undefined,
      namespace: 'shop',
      patches: [],
      variables: {},
      ...wish.render,
    },
    apply: {
      mode: 'bestEffort',
      takeOver: 'ifNoDiff',
      drift: 'correct',
      ignore: [],
      createNamespace: true,
      priority: 0,
      takeOverFrom: undefined,
      confirmMs: undefined,
      ...wish.apply,
    },
    health: { deadlineMs: wish.deadlineMs ?? 600_000, soakMs: 0, checks: [] },
    prune: { enabled: true, maxObjects: 20, maxPercent: 30, ...wish.prune },
  } as const;
  return {
    kind: 'assignment',
    placement: (wish.placement ?? 'shop') as PlacementName,
    version: { epoch: 1, seq },
    proof,
    cause: commitCause,
    mode: 'update',
    rollout: 'shop-1' as RolloutId,
    suspension: wish.suspended === undefined ? undefined : { reason: wish.suspended },
    permittedPrune: wish.permittedPrune,
    variant: { ...variant, digest: variantDigest(variant) },
    credential: undefined,
  };
}

export function removalFor(placement: string, mode: RemovalRow['mode'] = 'prune'): RemovalRow {
  seq += 1;
  return {
    kind: 'removal',
    placement: placement as PlacementName,
    version: { epoch: 1, seq },
    proof,
    cause: commitCause,
    mode,
  };
}

export async function hold(world: EngineWorld, ...rows: readonly Row[]): Promise<void> {
  await world.rows.accept(rows, never);
}

/** Waits until a condition holds, looking often; fails with what it saw last. */
export async function eventually<T>(
  look: () => T | Promise<T>,
  isDone: (value: T) => boolean,
  what = 'the condition',
): Promise<T> {
  const untilMs = performance.now() + 4_500;
  for (;;) {
    const value = await look();
    if (isDone(value)) return value;
    if (performance.now() > untilMs)
      throw new Error(`${what} never came; last seen: ${JSON.stringify(value, null, 1).slice(0, 4_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export async function untilState(
  engine: Engine,
  placement: string,
  state: AssignmentReport['state'],
): Promise<AssignmentReport> {
  const report = await eventually(
    () => engine.reports().find((one) => one.placement === placement),
    (one) => one?.state === state,
    `state ${state} of ${placement}`,
  );
  if (report === undefined) throw new Error('unreachable');
  return report;
}

export const configMap = (name: string, data: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${data}"}\n`;
export const deployment = (name: string, image: string, replicas = 1) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec:\n  replicas: ${replicas}\n  selector: {matchLabels: {app: ${name}}}\n  template:\n    metadata: {labels: {app: ${name}}}\n    spec:\n      containers:\n      - {name: main, image: "${image}"}\n`;

export const never = new AbortController().signal;
export const ref = (kind: string, name: string, group = '') => ({
  group,
  version: 'v1',
  kind,
  namespace: 'shop',
  name,
});
export const namespaceRef = (name: string) => ({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  namespace: undefined,
  name,
});
export const assignmentRef = (name: string) => ({
  group: 'flotilla.dev',
  version: 'v1alpha1',
  kind: 'Assignment',
  namespace: undefined,
  name,
});
export const web = ref('Deployment', 'web', 'apps');
export const two = { 'a.yaml': configMap('settings', '1'), 'b.yaml': deployment('web', 'web:1') };

export interface Stage extends AsyncDisposable {
  readonly world: EngineWorld;
  readonly cluster: SimulatedCluster;
  readonly agent: KubePort;
  readonly person: KubePort;
}

export function openStage(): Stage {
  const world = engineWorld();
  const cluster = startSimulatedCluster({ clock: world.clock });
  return {
    world,
    cluster,
    agent: cluster.portAs('agent'),
    person: cluster.portAs('person'),
    [Symbol.asyncDispose]: () => cluster.close(),
  };
}

/** Writes by the agent, its status objects apart: they settle later than everything else. */
export function writesOf(cluster: SimulatedCluster): readonly string[] {
  return cluster.writes
    .entries()
    .filter((write) => write.user === 'agent' && write.subresource === '')
    .map(describeWrite);
}

function describeWrite(write: SimulatedWrite): string {
  return `${write.verb} ${write.ref.kind} ${write.ref.name}`;
}

/** A person's hand edit. */
export async function edit(
  kube: KubePort,
  target: ObjectRef,
  patch: { readonly [field: string]: unknown },
): Promise<KubeObject> {
  // Labels may be null in a merge patch, which the port's type does not say.
  return await kube.mergePatch(
    target,
    patch as Parameters<KubePort['mergePatch']>[1],
    { fieldManager: 'kubectl-edit' },
    never,
  );
}
