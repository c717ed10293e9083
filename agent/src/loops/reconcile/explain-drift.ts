import type { KubeObject } from '@flotilla/shared/model';
import { formatRef, groupKindKey, objectKey } from '@flotilla/shared/model';
import { type Drifted, describeChange, fieldManager, formatDrift } from '../../core/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import type { AssignmentMemory } from './assignment-memory.ts';

/** Changes explained in one look; the others get their turn in the next. */
const explainedMax = 5;

/**
 * Finds out what was changed on objects whose drift is only reported: a dry run of our apply shows which fields would
 * come back, and who has them now. Each change is explained once.
 */
export async function explainDrift(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<void> {
  const drifted = memory.plan?.drifted ?? [];
  if (drifted.length === 0) {
    if (memory.drift.explained.size > 0) memory.drift = { ...memory.drift, explained: new Map() };
    return;
  }
  const fresh = drifted.filter(
    (one) => memory.drift.explained.get(objectKey(one.ref)) !== fingerprintOf(context, one),
  );
  for (const one of fresh.slice(0, explainedMax)) {
    const text = await explain(context, memory, { one, signal });
    const explained = new Map(memory.drift.explained).set(objectKey(one.ref), fingerprintOf(context, one));
    memory.drift = { ...memory.drift, latest: text, explained };
    context.log.info('drift', { placement: memory.placement, object: formatRef(one.ref), reason: text });
  }
}

/** What tells two changes of one object apart. */
function fingerprintOf(context: EngineContext, { ref, kind }: Drifted): string {
  if (kind === 'missing') return 'missing';
  const found = context.watches.find(groupKindKey(ref), ref.namespace, objectKey(ref));
  return `${found?.live.uid} ${found?.live.ownedFields}`;
}

async function explain(
  context: EngineContext,
  memory: AssignmentMemory,
  { one, signal }: { readonly one: Drifted; readonly signal: AbortSignal },
): Promise<string> {
  const { kube } = context.ports;
  const placed = memory.content?.byKey.get(objectKey(one.ref));
  if (one.kind === 'missing' || placed === undefined) return `${formatRef(one.ref)} deleted`;
  const options = { fieldManager, force: true, dryRun: true, fieldValidation: 'Strict' } as const;
  // JSON.stringify of a KubeObject made it.
  const payload = JSON.parse(placed.payload) as KubeObject;
  try {
    const before = await kube.get(one.ref, signal);
    const after = await kube.apply(payload, options, signal);
    return formatDrift(describeChange(one.ref, before, after));
  } catch (error) {
    signal.throwIfAborted();
    context.log.debug('drift cannot be explained', { object: formatRef(one.ref), error });
    return `${formatRef(one.ref)} changed`;
  }
}
