import { FlotillaError } from '@flotilla/shared/base';
import { formatRef } from '@flotilla/shared/model';
import {
  encodeInventory,
  type Failure,
  fieldManager,
  foreignMember,
  observeObject,
  ownershipOf,
  type ParentFacts,
  parentObject,
  parseGroupKind,
  type Step,
  type StepKind,
  type StepOf,
  type StepOutcome,
} from '../../core/index.ts';
import { KubeError } from '../../kube-port.ts';
import { findGoneKinds, kubeFailure, otherFailure, parentRefused } from '../cluster/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import type { AssignmentMemory } from './assignment-memory.ts';
import {
  executeApply,
  executeCompare,
  executeDryRun,
  executeProveCreate,
  type StepContext,
} from './execute-apply.ts';
import { executeDelete, executeForget, executeRelease } from './execute-delete.ts';
import { journalKey } from './journal-key.ts';

type Executors = {
  readonly [Kind in StepKind]: (step: StepOf<Kind>, context: StepContext) => Promise<StepOutcome>;
};

/** How each kind of step is performed. A step kind without an executor does not compile. */
const executors: Executors = {
  'read-objects': executeRead,
  rediscover: executeRediscover,
  'prove-gone': executeProveGone,
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
const unslotted: readonly StepKind[] = ['read-objects', 'rediscover', 'prove-gone', 'write-journal'];

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
    case 'prove-gone':
      return error instanceof KubeError
        ? kubeFailure(error, { verb: 'Inventory', ref: { ...namespaceRef(subject), kind: 'Assignment' } })
        : otherFailure(error, { code: isParentRefused(error) ? 'ParentRefused' : 'StoreFailed', subject });
  }
}

function isParentRefused(error: unknown): boolean {
  return error instanceof FlotillaError && error.code === parentRefused;
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

async function executeProveGone(step: StepOf<'prove-gone'>, context: StepContext): Promise<StepOutcome> {
  const { engine, memory, signal } = context;
  const { discovery, slots, ports, log, watches } = engine;
  await discovery.refresh(signal);
  const kinds = step.kinds.map(parseGroupKind);
  const options = { kube: ports.kube, kinds: discovery.kinds };
  const gone = await slots.run(() => findGoneKinds(kinds, options, signal), signal);
  await watches.forget(gone);
  const { placement } = memory;
  for (const kind of gone) log.info('kind is gone, and what was owned of it', { placement, kind });
  return { step, isDone: true, gone };
}

async function executeJournal(step: StepOf<'write-journal'>, context: StepContext): Promise<StepOutcome> {
  const { engine, memory, signal } = context;
  await engine.ports.store.write(journalKey(memory), encodeInventory(step.inventory), signal);
  return { step, isDone: true };
}

async function executeParent(step: StepOf<'write-parent'>, context: StepContext): Promise<StepOutcome> {
  const { engine, memory, signal } = context;
  const { parents, config } = engine;
  const { agentVersion, owner } = config;
  const ref = parents.refOf(memory.placement);
  await refuseForeignMembers(engine, memory, signal);
  const object = parentObject({ ref, scope: step.scope, agentVersion, owner, facts: parentFacts(memory) });
  const written = await parents.write(object, signal);
  memory.parentGeneration = written.metadata.generation;
  // A fresh object, or one whose generation grew, says nothing yet.
  engine.reportChanged(memory);
  return { step, isDone: true };
}

/** A parent that is not there is made only when no other agent's members wait for theirs. */
async function refuseForeignMembers(
  { parents, watches }: EngineContext,
  { placement }: AssignmentMemory,
  signal: AbortSignal,
): Promise<void> {
  if (parents.get(placement) !== undefined) return;
  const set = parents.identityOf(placement);
  const foreign = watches.labelled(placement).find((live) => ownershipOf(live, set) === 'other-agent');
  // It may have been made since parents were read: then it says itself whose it is.
  if (foreign === undefined || (await parents.read(placement, signal)) !== undefined) return;
  const member = { name: formatRef(foreign.ref), mark: foreign.owner ?? '' };
  const text = foreignMember(parents.refOf(placement), member);
  throw new FlotillaError(text, { code: parentRefused, retry: 'never' });
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
