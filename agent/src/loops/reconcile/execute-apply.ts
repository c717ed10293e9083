import type { KubeObject } from '@flotilla/shared/model';
import { formatRef, groupKindKey, objectKey } from '@flotilla/shared/model';
import {
  abandonedFields,
  type DesiredObject,
  describeChange,
  differingPaths,
  fieldManager,
  formatDrift,
  isScaledByOther,
  parsePointer,
  recordCorrection,
  type StepOf,
  type StepOutcome,
  scaleTarget,
} from '../../core/index.ts';
import type { ApplyOptions } from '../../kube-port.ts';
import { withTrueRefusal } from '../cluster/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import { type AssignmentMemory, displaceContent } from './assignment-memory.ts';
import { handOver, takeFromKubectl } from './hand-over.ts';

/** What every executor gets. */
export interface StepContext {
  readonly engine: EngineContext;
  readonly memory: AssignmentMemory;
  readonly signal: AbortSignal;
}

const strict: ApplyOptions = { fieldManager, force: false, dryRun: false, fieldValidation: 'Strict' };

/** Applies one object; a correction of drift is explained first, because afterwards nobody can tell what was changed. */
export async function executeApply(step: StepOf<'apply'>, context: StepContext): Promise<StepOutcome> {
  const { engine, memory, signal } = context;
  const { object } = step;
  const payload = payloadOf(object, memory);
  const isCorrection = step.reason === 'drift';
  const isRisky =
    isCorrection || (step.force && (step.reason === 'take-over' || isDisturbed(object, context)));
  const before = isRisky ? await engine.ports.kube.get(object.ref, signal) : undefined;
  if (before !== undefined && (await isAutoscaled(before, object, context))) return { step, isDone: true };
  if (step.reason === 'take-over' && before !== undefined) await takeFromKubectl(object, before, context);
  if (step.handOver.length > 0) await handOver(object, step.handOver, context);
  const after = await applyObject(payload, { step, isDryRun: false }, context);
  const live = engine.watches.observe(after);
  engine.watches.cacheFor(groupKindKey(object.ref), object.ref.namespace)?.put(live);
  memory.looked.delete(object.key);
  if (isCorrection) noteCorrection({ object, before, after }, context);
  if (object.stage === 0) engine.foundationApplied(object.ref);
  return { step, isDone: true, live };
}

/** Asks the server whether it would take the object. */
export async function executeDryRun(step: StepOf<'dry-run'>, context: StepContext): Promise<StepOutcome> {
  await applyObject(payloadOf(step.object, context.memory), { step, isDryRun: true }, context);
  return { step, isDone: true };
}

async function applyObject(
  payload: KubeObject,
  { step, isDryRun }: { readonly step: StepOf<'apply' | 'dry-run'>; readonly isDryRun: boolean },
  { engine, signal }: StepContext,
): Promise<KubeObject> {
  const { kube } = engine.ports;
  const options = { ...strict, force: step.force };
  const dryRun = (what: 'whole' | 'name') => {
    const { apiVersion, kind, metadata } = payload;
    const { name, namespace } = metadata;
    const bare = { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
    return kube.apply(what === 'whole' ? payload : bare, { ...options, dryRun: true }, signal);
  };
  const apply = () => (isDryRun ? dryRun('whole') : kube.apply(payload, options, signal));
  return await withTrueRefusal(apply, { kube, ref: step.object.ref, dryRun, signal });
}

/** Finds out whether a foreign object is as wanted: no field would change, be added, or go with the owner that we follow. */
export async function executeCompare(step: StepOf<'compare'>, context: StepContext): Promise<StepOutcome> {
  const { engine, memory, signal } = context;
  const { object } = step;
  const live = await engine.ports.kube.get(object.ref, signal);
  if (live === undefined) {
    memory.looked.set(object.key, { kind: 'absent' });
    return { step, isDone: true };
  }
  const payload = payloadOf(object, memory);
  const tryOut = (force: boolean) =>
    engine.ports.kube.apply(payload, { ...strict, dryRun: true, force }, signal);
  // By force: a quantity in other words is a conflict for the server, and no difference.
  const applied = await tryOut(true);
  const paths = [
    ...differingPaths(live, applied),
    ...abandonedFields(live, applied, object.leftToOthers.map(pathOf)),
  ];
  if (paths.length === 0) return { step, isDone: true };
  // Where it is a conflict the server says with whom.
  await tryOut(false);
  const subject = formatRef(object.ref);
  const managers = [...new Set((live.metadata.managedFields ?? []).map((entry) => entry.manager))].join(', ');
  const shown = paths.slice(0, 5).join(', ') + (paths.length > 5 ? ` and ${paths.length - 5} more` : '');
  const text = `${subject} exists (managed by ${managers || 'nobody'}) and differs at ${shown}: make the manifest equal, or set takeover: always`;
  const reason = { code: 'TakeOverDiffers', subject, text };
  return { step, isDone: false, failure: { severity: 'final', reason, retryAfterMs: undefined } };
}

/** Asks the server whether it would create the object under another name; under its own it only says AlreadyExists. */
export async function executeProveCreate(
  step: StepOf<'prove-create'>,
  context: StepContext,
): Promise<StepOutcome> {
  const { engine, memory, signal } = context;
  const payload = payloadOf(step.object, memory);
  const { name, ...metadata } = payload.metadata;
  const generated = { ...metadata, name: '', generateName: `${name.slice(0, 50)}-` };
  await engine.ports.kube.create({ ...payload, metadata: generated }, { fieldManager, dryRun: true }, signal);
  return { step, isDone: true };
}

/** A JSON pointer as differences are written. */
function pathOf(pointer: string): string {
  return (parsePointer(pointer) ?? []).map((step) => `.${step}`).join('');
}

/** The payload of a planned object: planning only knows its hash. */
function payloadOf(object: DesiredObject, memory: AssignmentMemory): KubeObject {
  const placed = memory.content?.byKey.get(object.key);
  // JSON.stringify of a KubeObject made it.
  return JSON.parse(placed?.payload ?? '{}') as KubeObject;
}

function noteCorrection(
  change: {
    readonly object: DesiredObject;
    readonly before: KubeObject | undefined;
    readonly after: KubeObject;
  },
  { engine, memory }: StepContext,
): void {
  const note = describeChange(change.object.ref, change.before, change.after);
  memory.fights = recordCorrection(memory.fights, note, engine.clock.nowMs());
  const { drift } = memory;
  memory.drift = { ...drift, corrected: drift.corrected + 1, latest: formatDrift(note) };
  engine.metrics.driftCorrected.add();
  engine.log.info('drift corrected', {
    placement: memory.placement,
    object: formatRef(note.ref),
    from: note.manager,
  });
}

/** Whether others changed what we own since our last apply: a change from Git must not undo an autoscaler's either. */
function isDisturbed(object: DesiredObject, { engine, memory }: StepContext): boolean {
  const live = engine.watches.find(groupKindKey(object.ref), object.ref.namespace, object.key)?.live;
  return live?.ownedFields !== memory.plans.inventory.entries.get(object.key)?.ownedFields;
}

/**
 * Replicas that an autoscaler outside the set changed are its own: from now on they are left out of the payload. True
 * when that was found out just now; the object is then planned anew.
 */
async function isAutoscaled(
  before: KubeObject,
  object: DesiredObject,
  context: StepContext,
): Promise<boolean> {
  const { engine, memory, signal } = context;
  if (memory.autoscaled.has(object.key) || !isScaledByOther(before)) return false;
  if (!(await isScaleTarget(object, { engine, signal }))) return false;
  memory.autoscaled.add(object.key);
  displaceContent(memory);
  return true;
}

/** Whether any autoscaler of the namespace scales the object. */
export async function isScaleTarget(
  object: DesiredObject,
  { engine, signal }: Pick<StepContext, 'engine' | 'signal'>,
): Promise<boolean> {
  const kind = engine.discovery.kinds.preferred({ group: 'autoscaling', kind: 'HorizontalPodAutoscaler' });
  const { namespace } = object.ref;
  if (kind === undefined || namespace === undefined) return false;
  const { items } = await engine.ports.kube.list({ kind, namespace }, signal);
  return items.flatMap(scaleTarget).includes(objectKey(object.ref));
}
