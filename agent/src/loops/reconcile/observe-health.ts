import type { KubeObject, ObjectRef } from '@flotilla/shared/model';
import { formatRef, groupKindKey, objectKey } from '@flotilla/shared/model';
import { fieldAt, findPodTroubles, type Health, judge, type PodTrouble } from '../../core/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import type { AssignmentMemory } from './assignment-memory.ts';
import { observedObjects } from './live-view.ts';

/** A workload gets so long to come up before its pods are looked at. */
const probeAfterMs = 3_000;
/** How often the pods of workloads that are not ready are looked at: less often the longer it takes. */
const probeEveryMs = { min: 5_000, max: 60_000 };
/** Workloads of one assignment whose pods are looked at in one go. */
const probesMax = 5;

const workloadKinds: ReadonlySet<string> = new Set([
  'Deployment.apps',
  'StatefulSet.apps',
  'DaemonSet.apps',
  'ReplicaSet.apps',
  'Job.batch',
]);

/** Judges everything that the assignment wants; asks the pods of workloads that take their time. */
export async function observeHealth(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<Health> {
  if (memory.rules.length > 0) await context.watches.readWhole(memory.placement, signal);
  const health = judgeNow(context, memory);
  const slow = slowWorkloads(context, memory, health);
  if (slow.length === 0) return health;
  memory.probedAtMs = context.clock.nowMs();
  for (const one of slow) await probe(context, memory, { ref: one.ref, signal });
  return judgeNow(context, memory);
}

/** Judges by what the watches know, without asking anything. */
export function judgeNow(context: EngineContext, memory: AssignmentMemory): Health {
  const placed = memory.content?.placing.placed ?? [];
  const { row } = memory;
  const deadlineMs = row.kind === 'assignment' ? row.variant.health.deadlineMs : 0;
  const nowMs = context.clock.nowMs();
  const health = judge(
    observedObjects(context, memory, placed),
    { deadlineMs, rules: memory.rules },
    { startedMs: memory.rowSinceMs, nowMs },
  );
  forgetTroubles(memory, health);
  return health;
}

function forgetTroubles(memory: AssignmentMemory, health: Health): void {
  for (const { ref, verdict } of health.verdicts)
    if (verdict.status === 'Current') memory.troubles.delete(objectKey(ref));
}

/** The pause between two looks at the pods of workloads that are not ready. */
export function probePauseMs(memory: AssignmentMemory, nowMs: number): number {
  const forMs = nowMs - memory.readiness.troubledSinceMs;
  return Math.max(probeEveryMs.min, Math.min(probeEveryMs.max, forMs / 10));
}

function slowWorkloads(
  context: EngineContext,
  memory: AssignmentMemory,
  health: Health,
): readonly { readonly ref: ObjectRef }[] {
  const nowMs = context.clock.nowMs();
  if (nowMs - memory.probedAtMs < probePauseMs(memory, nowMs)) return [];
  const sinceMs = memory.readiness.troubledSinceMs;
  if (nowMs - sinceMs < probeAfterMs) return [];
  return health.verdicts
    .filter(({ ref, verdict }) => verdict.status !== 'Current' && workloadKinds.has(groupKindKey(ref)))
    .slice(0, probesMax);
}

/** Lists the pods of one workload by its own selector. A refusal is no verdict: the workload's own state stands. */
async function probe(
  context: EngineContext,
  memory: AssignmentMemory,
  target: { readonly ref: ObjectRef; readonly signal: AbortSignal },
): Promise<void> {
  const key = objectKey(target.ref);
  const found = context.watches.find(groupKindKey(target.ref), target.ref.namespace, key);
  const labelSelector = found === undefined ? undefined : selectorText(found.live.body);
  if (labelSelector === undefined || target.ref.namespace === undefined) return;
  const selection = {
    kind: { group: '', version: 'v1', kind: 'Pod' },
    namespace: target.ref.namespace,
    labelSelector,
  };
  try {
    const { items } = await context.slots.run(
      () => context.ports.kube.list(selection, target.signal),
      target.signal,
    );
    const before: readonly PodTrouble[] = memory.troubles.get(key) ?? [];
    memory.troubles.set(key, findPodTroubles(items, before, context.clock.nowMs()));
  } catch (error) {
    target.signal.throwIfAborted();
    context.log.debug('pods cannot be listed', { object: formatRef(target.ref), error });
  }
}

/** The label selector of a workload as text; undefined when it has none that text can say. */
function selectorText(workload: KubeObject): string | undefined {
  const labels = fieldAt(workload, 'spec', 'selector', 'matchLabels');
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) return undefined;
  const parts = Object.entries(labels).map(([name, value]) => `${name}=${String(value)}`);
  return parts.length === 0 ? undefined : parts.join(',');
}
