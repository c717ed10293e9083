import type { KubeObject } from '@flotilla/shared/model';
import type { Manifest, Story } from './story.ts';

/** Kind of pods. */
export const pods = { group: '', version: 'v1', kind: 'Pod' };
/** Kind of ReplicaSets. */
export const replicaSets = { group: 'apps', version: 'v1', kind: 'ReplicaSet' };

/** The status of an object; {} where it has none. */
export function status(object: KubeObject): Readonly<Record<string, unknown>> {
  return (object['status'] ?? {}) as Readonly<Record<string, unknown>>;
}

/** The condition of a type. */
export function conditionOf(object: KubeObject, type: string): Readonly<Record<string, unknown>> | undefined {
  const conditions = (status(object)['conditions'] ?? []) as readonly Readonly<Record<string, unknown>>[];
  return conditions.find((condition) => condition['type'] === type);
}

/** Observed at its generation, rolled out and available. */
export function isRolledOut(object: KubeObject): boolean {
  const { observedGeneration, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status(object);
  const { terminatingReplicas = 0 } = status(object);
  const wanted = (object['spec'] as { replicas?: number }).replicas ?? 1;
  return (
    observedGeneration === object.metadata.generation &&
    replicas === wanted &&
    updatedReplicas === wanted &&
    availableReplicas === wanted &&
    terminatingReplicas === 0 &&
    conditionOf(object, 'Progressing')?.['reason'] === 'NewReplicaSetAvailable'
  );
}

/** Applies a Deployment and waits until it is rolled out. */
export async function rolledOut(story: Story, manifest: Manifest): Promise<void> {
  await story.apply(manifest);
  await story.untilObject(manifest, 'is rolled out', isRolledOut);
}

/** Labels that name a template differ from server to server. */
function withoutHashes(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const hashes = ['pod-template-hash', 'controller-revision-hash'];
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [name, hashes.includes(name) ? '<hash>' : value]),
  );
}

/** What people look at in a pod: phase, conditions and why containers wait. */
function podState(pod: KubeObject): unknown {
  const containers = (status(pod)['containerStatuses'] ?? []) as readonly Readonly<Record<string, unknown>>[];
  const conditions = (status(pod)['conditions'] ?? []) as readonly Readonly<Record<string, unknown>>[];
  return {
    labels: withoutHashes(pod.metadata.labels ?? {}),
    owners: pod.metadata.ownerReferences?.map(({ kind, controller }) => ({ kind, controller })),
    phase: status(pod)['phase'],
    conditions: conditions.map(({ type, status, reason }) => ({ type, status, reason })),
    containers: containers.map(({ name, ready, started, restartCount, state }) => ({
      name,
      ready,
      started,
      restartCount,
      state,
    })),
  };
}

/** Writes down the living pods of a story, whatever their names. */
export async function tellPods(story: Story): Promise<void> {
  const list = await story.port.list({ kind: pods, namespace: story.namespace }, story.signal);
  const alive = list.items.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const texts = alive.map((pod) => JSON.stringify(podState(pod))).sort();
  story.tell(
    'pods',
    texts.map((text) => JSON.parse(text)),
  );
}

/** Writes down the ReplicaSets of a story, whatever their names. */
export async function tellReplicaSets(story: Story): Promise<void> {
  const list = await story.port.list({ kind: replicaSets, namespace: story.namespace }, story.signal);
  const shown = list.items
    .map(({ metadata, ...set }) => ({
      annotations: metadata.annotations,
      labels: metadata.labels,
      replicas: (set['spec'] as { replicas?: number }).replicas,
      status: set['status'],
    }))
    .sort((left, right) => (JSON.stringify(left.annotations) < JSON.stringify(right.annotations) ? -1 : 1));
  story.tell('replica sets', shown);
}
