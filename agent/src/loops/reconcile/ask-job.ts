import { describeError } from '@flotilla/shared/base';
import type { AssignmentRow, JobCheck, KubeObject } from '@flotilla/shared/model';
import { formatRef, formatVersion } from '@flotilla/shared/model';
import {
  type CheckAnswer,
  checkManager,
  encodeRuns,
  formatOwner,
  isOwnJob,
  type JobRun,
  type JobRuns,
  type JobSight,
  type JobToRun,
  jobFor,
  leftoverRuns,
  maskText,
  planJob,
  podsText,
  runOf,
  withRun,
} from '../../core/index.ts';
import { KubeError } from '../../kube-port.ts';
import { kubeFailure } from '../cluster/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import type { AssignmentMemory } from './assignment-memory.ts';

/** Steps of one look at one Job: written down, read, made, read, its pods, written down again; and once more around. */
const stepsMax = 12;

/** Where the store keeps what is known of the Jobs of a placement's checks. */
export function runsKey({ placement }: AssignmentMemory): string {
  return `checks/${placement}`;
}

interface Asking {
  readonly check: JobCheck;
  readonly row: AssignmentRow;
  readonly signal: AbortSignal;
}

interface OneJob extends Asking {
  readonly job: JobToRun;
  readonly version: string;
  readonly owner: string;
}

/** Brings the Job of a check one look further: made once for each version of the row, remembered when it ended. */
export async function askJob(
  context: EngineContext,
  memory: AssignmentMemory,
  asking: Asking,
): Promise<CheckAnswer> {
  const { check, row, signal } = asking;
  const { runsProblem, runs } = memory.checks;
  if (runsProblem !== undefined) return blocked('CheckRecordUnreadable', runsProblem);
  const version = formatVersion(row.version);
  const owner = formatOwner(context.config.owner);
  const job = jobFor(check, {
    placement: memory.placement,
    version,
    owner,
    namespace: row.variant.render.namespace,
    agentNamespace: context.config.namespace,
    policy: context.config.policy,
  });
  if (!job.ok) return blocked('CheckInvalid', job.error);
  if (!memory.checks.areStraysKnown)
    return memory.checks.sweepTrouble ?? waiting('it is not known yet which Jobs of before are left');
  // Two runs of one check would disturb each other.
  const older = leftoverRuns(runs, version).find((run) => run.check === check.name);
  if (older !== undefined)
    return memory.checks.sweepTrouble ?? waiting('its Job of the row before is still there');
  try {
    return await performSteps(context, memory, { ...asking, job: job.value, version, owner });
  } catch (error) {
    signal.throwIfAborted();
    return failureAnswer(error, job.value);
  }
}

async function performSteps(
  context: EngineContext,
  memory: AssignmentMemory,
  one: OneJob,
): Promise<CheckAnswer> {
  const { check, job, version, signal } = one;
  const { namespace, name } = job.ref;
  const fresh = { check: check.name, version, namespace, name };
  let sight: JobSight = { kind: 'unread' };
  for (let count = 0; count < stepsMax; count += 1) {
    const run = runOf(memory.checks.runs, check.name, version);
    const step = planJob({ job, run, fresh, sight });
    switch (step.kind) {
      case 'answer':
        return step.answer;
      case 'save':
        await saveRun(context, memory, { run: step.run, signal });
        break;
      case 'read':
        sight = await read(context, memory, one);
        break;
      case 'read-pods':
        sight = await readPods(context, sight, signal);
        break;
      case 'create':
        sight = await create(context, memory, one);
        break;
    }
  }
  return waiting(`${formatRef(job.ref)} comes and goes`);
}

/** What is not in the store yet is not known: only afterwards anything may rest on it. */
async function saveRun(
  context: EngineContext,
  memory: AssignmentMemory,
  { run, signal }: { readonly run: JobRun; readonly signal: AbortSignal },
): Promise<void> {
  await saveRuns(context, memory, { runs: withRun(memory.checks.runs, run), signal });
  if (run.end === undefined) return;
  const { placement } = memory;
  context.log.info('check ended', {
    placement,
    object: `Job ${run.namespace}/${run.name}`,
    status: run.end.kind,
  });
}

/** Stores the runs of a placement; none are no record. */
export async function saveRuns(
  { ports }: EngineContext,
  memory: AssignmentMemory,
  { runs, signal }: { readonly runs: JobRuns; readonly signal: AbortSignal },
): Promise<void> {
  const key = runsKey(memory);
  if (runs.length === 0) await ports.store.remove(key, signal);
  else await ports.store.write(key, encodeRuns(runs), signal);
  memory.checks.runs = runs;
}

async function read(context: EngineContext, memory: AssignmentMemory, one: OneJob): Promise<JobSight> {
  const { slots, ports } = context;
  const found = await slots.run(() => ports.kube.get(one.job.ref, one.signal), one.signal);
  return found === undefined ? { kind: 'absent' } : seen(found, memory, one);
}

async function create(context: EngineContext, memory: AssignmentMemory, one: OneJob): Promise<JobSight> {
  const { slots, ports, log } = context;
  const { job, signal } = one;
  const options = { fieldManager: checkManager, dryRun: false };
  log.info('check begins', { placement: memory.placement, object: formatRef(job.ref) });
  try {
    const made = await slots.run(() => ports.kube.create(job.object, options, signal), signal);
    return seen(made, memory, one);
  } catch (error) {
    // It is there already: made by us before we died, or by somebody else. Reading tells.
    if (error instanceof KubeError && error.reason === 'AlreadyExists') return { kind: 'unread' };
    throw error;
  }
}

function seen(job: KubeObject, { placement }: AssignmentMemory, one: OneJob): JobSight {
  const { check, version, owner } = one;
  const isOwn = isOwnJob(job, { check: check.name, placement, version, owner });
  return { kind: 'present', job, isOwn, podsSay: undefined };
}

async function readPods(context: EngineContext, sight: JobSight, signal: AbortSignal): Promise<JobSight> {
  if (sight.kind !== 'present') return sight;
  return { ...sight, podsSay: await askPods(context, sight.job, signal) };
}

/** What the pods of a Job say. That they may not be listed is said, and is no verdict. */
async function askPods(context: EngineContext, job: KubeObject, signal: AbortSignal): Promise<string> {
  const { name, namespace } = job.metadata;
  const selection = {
    kind: { group: '', version: 'v1', kind: 'Pod' },
    ...(namespace === undefined ? {} : { namespace }),
    // Put on by the Job controller's defaults, under this name in every version.
    labelSelector: `job-name=${name}`,
  };
  try {
    const { items } = await context.slots.run(() => context.ports.kube.list(selection, signal), signal);
    return podsText(items);
  } catch (error) {
    signal.throwIfAborted();
    return `its pods cannot be listed: ${maskText(describeError(error), '')}`;
  }
}

function failureAnswer(error: unknown, { ref }: JobToRun): CheckAnswer {
  const { severity, reason } = kubeFailure(error, { verb: 'Check', ref });
  return severity === 'passing'
    ? { kind: 'waiting', text: `${formatRef(ref)}: ${reason.text}`, ref }
    : { kind: 'blocked', code: reason.code, text: reason.text, ref };
}

function blocked(code: string, text: string): CheckAnswer {
  return { kind: 'blocked', code, text, ref: undefined };
}

function waiting(text: string): CheckAnswer {
  return { kind: 'waiting', text, ref: undefined };
}
