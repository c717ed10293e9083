import type { Clock } from '@flotilla/shared/base';
import { parseClusterUid, parseHubId, seededRandom } from '@flotilla/shared/base';
import { silentLogger, systemClock } from '@flotilla/shared/kit';
import type { AssignmentReport, KubeObject, ObjectRef, Row } from '@flotilla/shared/model';
import {
  type MemoryCredentialStore,
  memoryCredentialStore,
} from '../../../../test/fakes/credential-store.ts';
import { memoryHelm } from '../../../../test/fakes/helm.ts';
import { memoryKustomize } from '../../../../test/fakes/kustomize.ts';
import { type MemoryStateStore, memoryStateStore } from '../../../../test/fakes/state-store.ts';
import { type MemoryStatusSink, memoryStatusSink } from '../../../../test/fakes/status-sink.ts';
import {
  type SimulatedCluster,
  type SimulatedWrite,
  startSimulatedCluster,
} from '../../io/kube-simulated/index.ts';
import type { KubePort } from '../../ports.ts';
import type { HeldRows } from '../held-rows.ts';
import type { Engine } from './engine.ts';
import type { EngineConfig } from './engine-context.ts';
import { memoryHeldRows } from './held-rows-fixture.ts';
import { type TestGit, testGit } from './rows-fixture.ts';
import { startEngine } from './start-engine.ts';

export * from './rows-fixture.ts';

/** Test only: everything around an engine that survives its restart. */
export interface EngineWorld {
  readonly store: MemoryStateStore;
  readonly rows: HeldRows;
  readonly git: TestGit;
  /** Empty at first. */
  readonly credentials: MemoryCredentialStore;
  readonly status: MemoryStatusSink;
  readonly clock: Clock;
  /** When the hub was last heard; absent = never. */
  readonly hub: { heardAtMs?: () => number | undefined };
}

export function engineWorld(clock: Clock = fastClock(20)): EngineWorld {
  return {
    store: memoryStateStore(),
    rows: memoryHeldRows(),
    git: testGit(),
    credentials: memoryCredentialStore(),
    status: memoryStatusSink(),
    clock,
    hub: {},
  };
}

/** Test only: time that runs so many times faster than the machine's: waits are real, but short. */
export function fastClock(speed: number): Clock {
  const clock = systemClock();
  return {
    nowMs: () => clock.nowMs() * speed,
    wallMs: () => clock.wallMs(),
    sleep: (ms, signal) => clock.sleep(ms / speed, signal),
  };
}

/** Test only: an agent of a hub, by one letter each. */
export function ownerOf(hub: string, cluster: string): EngineConfig['owner'] {
  const [hubId, clusterUid] = [parseHubId(hub.repeat(26)), parseClusterUid(cluster.repeat(26))];
  if (!hubId.ok || !clusterUid.ok) throw new Error('one letter of a to z, each');
  return { hubId: hubId.value, clusterUid: clusterUid.value };
}

export const testConfig: EngineConfig = {
  agentVersion: '0.1.0-test',
  owner: ownerOf('h', 'c'),
  clusterName: 'eu-1',
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
      kustomize: memoryKustomize(),
      helm: memoryHelm(),
      store: world.store,
      status: world.status,
      credentials: world.credentials,
    },
    heldRows: world.rows,
    session: {
      incarnation: () => 1,
      sendReport: () => false,
      heardAtMs: () => world.hub.heardAtMs?.(),
      onWantReport: () => () => undefined,
    },
    config: { ...testConfig, ...config },
    log: silentLogger,
  });
}

export async function hold(world: EngineWorld, ...rows: readonly Row[]): Promise<void> {
  await world.rows.accept(rows, never);
}

/** Waits until a condition holds, looking often; fails with what it saw last. */
export async function eventually<T>(
  look: () => T | Promise<T>,
  isDone: (value: T) => boolean,
  ...more: readonly [what?: string, withinMs?: number]
): Promise<T> {
  const [what = 'the condition', withinMs = 30_000] = more;
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const value = await look();
    if (isDone(value)) return value;
    if (performance.now() > untilMs)
      throw new Error(`${what} never came; last seen: ${JSON.stringify(value, null, 1)?.slice(0, 4_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export async function untilState(
  engine: Engine,
  placement: string,
  ...wanted: readonly [state: AssignmentReport['state'], withinMs?: number]
): Promise<AssignmentReport> {
  const [state, withinMs] = wanted;
  const report = await eventually(
    () => engine.reports().find((one) => one.placement === placement),
    (one) => one?.state === state,
    `state ${state} of ${placement}`,
    withinMs,
  );
  if (report === undefined) throw new Error('a report was just seen');
  return report;
}

export const never = new AbortController().signal;
export interface Stage extends AsyncDisposable {
  readonly world: EngineWorld;
  readonly cluster: SimulatedCluster;
  readonly agent: KubePort;
  readonly person: KubePort;
}

export function openStage(clock?: Clock): Stage {
  const world = engineWorld(clock);
  const cluster = startSimulatedCluster({ clock: world.clock });
  return {
    world,
    cluster,
    agent: cluster.portAs('agent'),
    person: cluster.portAs('person'),
    [Symbol.asyncDispose]: () => cluster.close(),
  };
}

/** Writes by the agent, its status objects and Events apart: they settle later than everything else. */
export function writesOf(cluster: SimulatedCluster): readonly string[] {
  return cluster.writes
    .entries()
    .filter((write) => write.user === 'agent' && write.subresource === '' && write.ref.kind !== 'Event')
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
