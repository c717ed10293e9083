import { groupKindKey } from '@flotilla/shared/model';
import {
  applySet,
  assignmentLabel,
  fieldManager,
  type LiveObject,
  observeObject,
  ownerAnnotation,
  ownershipOf,
  type StepOf,
  type StepOutcome,
} from '../../core/index.ts';
import { KubeError } from '../../kube-port.ts';
import type { StepContext } from './execute-apply.ts';
import { journalKey } from './journal-key.ts';
import { forgetContent } from './stored-content.ts';
import { endTrial } from './trial.ts';

/** Attempts at a delete or release whose version precondition fails because something else of the object changed. */
const raceAttemptsMax = 5;

/** What an object that carries `flotilla.dev/prune: disabled` by now is still open to. */
type WhenKept = 'leave' | 'act';

interface Target {
  readonly ref: LiveObject['ref'];
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Deletes one object under its uid and version. */
export async function executeDelete(step: StepOf<'delete'>, context: StepContext): Promise<StepOutcome> {
  const { engine, memory, signal } = context;
  await withFreshVersion(step, { context, whenKept: 'leave' }, async (resourceVersion) => {
    const options = { uid: step.uid, resourceVersion, propagation: 'Background', dryRun: false } as const;
    engine.metrics.deletes.add(1, { cause: step.cause.kind });
    engine.log.info('deleting', { placement: memory.placement, object: step.key, reason: step.cause.kind });
    await engine.ports.kube.delete(step.ref, options, signal);
    engine.watches.cacheFor(groupKindKey(step.ref), step.ref.namespace)?.markDeleting(step.key, step.uid);
  });
  return { step, isDone: true };
}

/** Takes our labels and mark off one object and leaves it. */
export async function executeRelease(step: StepOf<'release'>, context: StepContext): Promise<StepOutcome> {
  const { engine, signal } = context;
  await withFreshVersion(step, { context, whenKept: 'act' }, async (resourceVersion) => {
    const patch = { metadata: { resourceVersion, ...released } };
    const live = observeObject(await engine.ports.kube.mergePatch(step.ref, patch, { fieldManager }, signal));
    engine.watches.cacheFor(groupKindKey(step.ref), step.ref.namespace)?.drop(step.key);
    context.memory.looked.set(step.key, {
      kind: 'present',
      object: live,
      health: 'Current',
      deletingSinceMs: undefined,
    });
  });
  return { step, isDone: true };
}

/** In a merge patch null takes a member away. */
const released = {
  labels: { [applySet.partOfLabel]: null, [assignmentLabel]: null },
  annotations: { [ownerAnnotation]: null },
} as unknown as { readonly [marks in 'labels' | 'annotations']: { readonly [name: string]: string } };

/**
 * Acts on an object under its resource version. A version that moved on (its controller wrote a status) is read again,
 * and the object is acted on only if it still is the same one, ours by label and by apply, and nobody asked meanwhile to
 * keep it; else planning looks again.
 */
async function withFreshVersion(
  target: Target,
  { context, whenKept }: { readonly context: StepContext; readonly whenKept: WhenKept },
  act: (resourceVersion: string) => Promise<void>,
): Promise<void> {
  const { engine, memory, signal } = context;
  let { resourceVersion } = target;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await act(resourceVersion);
      return;
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 409 || attempt >= raceAttemptsMax) throw error;
    }
    const fresh = await engine.ports.kube.get(target.ref, signal);
    const live = fresh === undefined ? undefined : engine.watches.observe(fresh);
    const cache = engine.watches.cacheFor(groupKindKey(target.ref), target.ref.namespace);
    const set = engine.parents.identityOf(memory.placement);
    const isOurs = live?.uid === target.uid && ownershipOf(live, set) === 'member';
    // The watch may have told already what bears the name now: it is dropped only when the watch would not show it.
    if (live?.assignment === undefined) cache?.drop(target.key);
    else cache?.put(live);
    if (live === undefined || !isOurs) return;
    if (live.isDeleting || (live.isKept && whenKept === 'leave')) return;
    resourceVersion = live.resourceVersion;
  }
}

/** Deletes the parent of a set without members, and everything stored of the assignment. */
export async function executeForget(
  step: StepOf<'forget-assignment'>,
  context: StepContext,
): Promise<StepOutcome> {
  const { engine, memory, signal } = context;
  const parent = engine.parents.get(memory.placement);
  if (parent?.reading.kind === 'ours') {
    const options = {
      uid: parent.uid,
      resourceVersion: undefined,
      propagation: 'Background',
      dryRun: false,
    } as const;
    await engine.ports.kube.delete(engine.parents.refOf(memory.placement), options, signal);
  }
  engine.parents.forget(memory.placement);
  await engine.ports.store.remove(journalKey(memory), signal);
  await forgetContent(engine, memory, signal);
  await endTrial(engine, memory, signal);
  memory.content = undefined;
  return { step, isDone: true };
}
