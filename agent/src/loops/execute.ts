import { groupKindKey } from '@flotilla/shared/model';
import {
  encodeInventory,
  type Failure,
  fieldManager,
  type LiveObject,
  observeObject,
  ownershipOf,
  type ParentFacts,
  parentManager,
  parentObject,
  type Step,
  type StepKind,
  type StepOf,
  type StepOutcome,
} from '../core/index.ts';
import { KubeError } from '../kube-port.ts';
import type { AssignmentMemory } from './assignment-memory.ts';
import {
  executeApply,
  executeCompare,
  executeDryRun,
  executeProveCreate,
  type StepContext,
} from './execute-apply.ts';
import { kubeFailure, otherFailure } from './kube-failure.ts';
import { forgetContent } from './load-content.ts';

type Executors = {
  readonly [Kind in StepKind]: (step: StepOf<Kind>, context: StepContext) => Promise<StepOutcome>;
};

/** How each kind of step is performed. A step kind without an executor does not compile. */
const executors: Executors = {
  'read-objects': executeRead,
  rediscover: executeRediscover,
  'write-journal': executeJournal,
  'write-parent': executeParent,
  'ensure-namespace': executeEnsureNamespace,
  'dry-run': executeDryRun,
  compare: executeCompare,
  'prove-create': executeProveCreate,
  apply: executeApply,
  delete: executeDelete,
  release: executeRelease,
  'forget-assignment': executeForget,
};

/** Steps that ask for slots themselves, or do not talk to the API server at all. */
const unslotted: readonly StepKind[] = ['read-objects', 'rediscover', 'write-journal'];

/** Performs one step. Rejects only on abort: everything else that goes wrong is an outcome. */
export async function executeStep(step: Step, context: StepContext): Promise<StepOutcome> {
  const { engine, signal } = context;
  // One entry of the table takes exactly its own kind of step.
  const execute = executors[step.kind] as (step: Step, context: StepContext) => Promise<StepOutcome>;
  const perform = () => execute(step, context);
  try {
    const outcome = await (unslotted.includes(step.kind) ? perform() : engine.slots.run(perform, signal));
    count(context, step, outcome.isDone);
    return outcome;
  } catch (error) {
    signal.throwIfAborted();
    count(context, step, false);
    return { step, isDone: false, failure: failureOf(error, step, context.memory) };
  }
}

function count({ engine }: StepContext, step: Step, isDone: boolean): void {
  engine.metrics.steps.add(1, { step: step.kind, outcome: isDone ? 'done' : 'failed' });
}

function failureOf(error: unknown, step: Step, memory: AssignmentMemory): Failure {
  const subject = memory.placement;
  switch (step.kind) {
    case 'apply':
    case 'dry-run':
    case 'compare':
    case 'prove-create':
      return kubeFailure(error, { verb: 'Apply', ref: step.object.ref });
    case 'delete':
      return kubeFailure(error, { verb: 'Delete', ref: step.ref });
    case 'release':
      return kubeFailure(error, { verb: 'Release', ref: step.ref });
    case 'ensure-namespace':
      return kubeFailure(error, { verb: 'Apply', ref: namespaceRef(step.name) });
    case 'write-journal':
      return otherFailure(error, { code: 'StoreFailed', subject });
    case 'write-parent':
    case 'forget-assignment':
    case 'read-objects':
    case 'rediscover':
      return error instanceof KubeError
        ? kubeFailure(error, { verb: 'Inventory', ref: { ...namespaceRef(subject), kind: 'Assignment' } })
        : otherFailure(error, { code: 'StoreFailed', subject });
  }
}

function namespaceRef(name: string) {
  return { group: '', version: 'v1', kind: 'Namespace', namespace: undefined, name };
}

async function executeRead(step: StepOf<'read-objects'>, context: StepContext): Promise<StepOutcome> {
  const { engine, memory, signal } = context;
  const sights = await engine.lookUp.look(step.refs, signal);
  for (const [key, sight] of sights) memory.looked.set(key, sight);
  return { step, isDone: true };
}

async function executeRediscover(step: StepOf<'rediscover'>, context: StepContext): Promise<StepOutcome> {
  await context.engine.discovery.refresh(context.signal);
  return { step, isDone: true };
}

async function executeJournal(step: StepOf<'write-journal'>, context: StepContext): Promise<StepOutcome> {
  const { engine, memory, signal } = context;
  await engine.ports.store.write(journalKey(memory), encodeInventory(step.inventory), signal);
  return { step, isDone: true };
}

/** The key of an assignment's journal in the state store. */
export function journalKey(memory: AssignmentMemory): string {
  return `inventory/${memory.placement}`;
}

/** Unforced the first time: a parent that another tool wrote is a conflict and is never overwritten. */
async function executeParent(step: StepOf<'write-parent'>, context: StepContext): Promise<StepOutcome> {
  const { engine, memory, signal } = context;
  const { parents, config, ports } = engine;
  const ref = parents.refOf(memory.placement);
  const facts = parentFacts(memory);
  const object = parentObject({ ref, scope: step.scope, agentVersion: config.agentVersion, facts });
  const options = { fieldManager: parentManager, dryRun: false, fieldValidation: 'Strict' } as const;
  const isKnown = parents.get(memory.placement)?.reading.kind === 'ours';
  const written = await ports.kube.apply(object, { ...options, force: isKnown }, signal);
  parents.note(written);
  memory.parentGeneration = written.metadata.generation;
  return { step, isDone: true };
}

function parentFacts({ row, content }: AssignmentMemory): ParentFacts | undefined {
  if (row.kind === 'removal') return undefined;
  const { content: source } = row.variant;
  return {
    version: row.version,
    cause: row.cause,
    repositoryUrl: source.repositoryUrl.replace(/\/\/[^/\s@]+@/g, '//'),
    path: source.trees[0]?.path ?? '',
    commit: content?.record.commit ?? source.commit.id,
  };
}

async function executeEnsureNamespace(
  step: StepOf<'ensure-namespace'>,
  context: StepContext,
): Promise<StepOutcome> {
  const { engine, memory, signal } = context;
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: step.name } };
  const options = { fieldManager, force: false, dryRun: false, fieldValidation: 'Strict' } as const;
  const live = observeObject(await engine.ports.kube.apply(object, options, signal));
  memory.looked.set(live.key, {
    kind: 'present',
    object: live,
    health: 'Current',
    deletingSinceMs: undefined,
  });
  engine.foundationApplied(live.ref);
  return { step, isDone: true };
}

/** Attempts at a delete or release whose version precondition fails because something else of the object changed. */
const raceAttemptsMax = 5;

interface Target {
  readonly ref: LiveObject['ref'];
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

async function executeDelete(step: StepOf<'delete'>, context: StepContext): Promise<StepOutcome> {
  const { engine, memory, signal } = context;
  await withFreshVersion(step, context, async (resourceVersion) => {
    const options = { uid: step.uid, resourceVersion, propagation: 'Background', dryRun: false } as const;
    engine.metrics.deletes.add(1, { cause: step.cause.kind });
    engine.log.info('deleting', { placement: memory.placement, object: step.key, reason: step.cause.kind });
    await engine.ports.kube.delete(step.ref, options, signal);
    engine.watches.cacheFor(groupKindKey(step.ref), step.ref.namespace)?.markDeleting(step.key, step.uid);
  });
  return { step, isDone: true };
}

async function executeRelease(step: StepOf<'release'>, context: StepContext): Promise<StepOutcome> {
  const { engine, signal } = context;
  await withFreshVersion(step, context, async (resourceVersion) => {
    const labels = releasedLabels as unknown as { readonly [name: string]: string };
    const patch = { metadata: { resourceVersion, labels } };
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
const releasedLabels = { 'applyset.kubernetes.io/part-of': null, 'flotilla.dev/assignment': null };

/**
 * Acts on an object under its resource version. A version that moved on (its controller wrote a status) is read again,
 * and the object is acted on only if it still is the same one, ours by label and by apply; else planning looks again.
 */
async function withFreshVersion(
  target: Target,
  context: StepContext,
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
    const live = fresh === undefined ? undefined : observeObject(fresh);
    const cache = engine.watches.cacheFor(groupKindKey(target.ref), target.ref.namespace);
    const setId = engine.parents.setIdOf(memory.placement);
    const isOurs = live?.uid === target.uid && ownershipOf(live, memory.placement, setId) === 'member';
    if (live === undefined || !isOurs) {
      cache?.drop(target.key);
      return;
    }
    cache?.put(live);
    if (live.isDeleting) return;
    resourceVersion = live.resourceVersion;
  }
}

async function executeForget(step: StepOf<'forget-assignment'>, context: StepContext): Promise<StepOutcome> {
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
  memory.content = undefined;
  return { step, isDone: true };
}
