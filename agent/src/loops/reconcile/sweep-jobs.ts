import { describeError } from '@flotilla/shared/base';
import { formatRef, formatVersion } from '@flotilla/shared/model';
import {
  formatOwner,
  isOwnJob,
  type JobRun,
  leftoverRuns,
  maskText,
  parseRuns,
  runOf,
  withoutRun,
} from '../../core/index.ts';
import { kubeFailure } from '../cluster/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import { runsKey, saveRuns } from './ask-job.ts';
import type { AssignmentMemory } from './assignment-memory.ts';
import type { CheckMemory, SweepTrouble } from './check-memory.ts';

/** A Job that could not be deleted is tried again after so long. */
const sweepAgainMs = 30_000;

/** Reads what is stored of the Jobs of a placement's checks, once after a start. */
export async function loadRuns(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<void> {
  const stored = await context.ports.store.read(runsKey(memory), signal);
  const parsed = stored === undefined ? undefined : parseRuns(stored);
  const { checks } = memory;
  checks.runsProblem =
    parsed?.ok === false
      ? `${parsed.error}; mend or remove record ${runsKey(memory)} of the state store: Jobs with the label flotilla.dev/check-of=${memory.placement} are what it spoke of`
      : undefined;
  if (parsed?.ok === true) checks.runs = parsed.value;
}

/**
 * Deletes the Jobs of checks that the row does not want any more: those of older rows, all of them after a removal.
 * `checks.sweepTrouble` says what keeps it from that.
 */
export async function sweepJobs(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<void> {
  const { row, checks, placement } = memory;
  if (checks.runsProblem !== undefined) {
    checks.sweepTrouble = {
      kind: 'blocked',
      code: 'CheckRecordUnreadable',
      text: checks.runsProblem,
      ref: undefined,
    };
    return;
  }
  const version = row.kind === 'removal' ? undefined : formatVersion(row.version);
  const untold = await findStrays(context, memory, signal);
  if (untold !== undefined) {
    checks.sweepTrouble = untold;
    checks.sweepAtMs = context.clock.nowMs() + sweepAgainMs;
    return;
  }
  const leftovers = leftoverRuns(checks.runs, version);
  if (leftovers.length > 0 && context.clock.nowMs() < checks.sweepAtMs) return;
  checks.sweepTrouble = undefined;
  for (const run of leftovers)
    checks.sweepTrouble = (await sweep(context, memory, { run, signal })) ?? checks.sweepTrouble;
  if (checks.sweepTrouble === undefined) return;
  checks.sweepAtMs = context.clock.nowMs() + sweepAgainMs;
  context.log.warn('Job of a check is left', { placement, reason: checks.sweepTrouble.text });
}

/**
 * Takes up the Jobs that are there although nothing is stored of them: a store that was lost would leave them for ever, beside those
 * of the next row. Only where a Job of a check may be; returns what keeps it from knowing.
 */
async function findStrays(
  context: EngineContext,
  { row, checks, placement }: AssignmentMemory,
  signal: AbortSignal,
): Promise<SweepTrouble | undefined> {
  const mayRun =
    row.kind === 'removal' || row.variant.health.stageChecks?.some(({ kind }) => kind === 'job') === true;
  if (checks.areStraysKnown || !mayRun) return undefined;
  try {
    const found = await context.strayJobs.of(placement, signal);
    const isNews = ({ check, version }: JobRun) => runOf(checks.runs, check, version) === undefined;
    checks.runs = [...checks.runs, ...found.filter(isNews)];
    checks.areStraysKnown = true;
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const text = `it cannot be told which Jobs of checks are left: ${maskText(describeError(error), '')}`;
    return { kind: 'waiting', text, ref: undefined };
  }
}

/** When Jobs that are left are tried again; undefined = none are, or the look did not get there. */
export function sweepAgainAtMs(checks: CheckMemory, nowMs: number): number | undefined {
  return checks.sweepTrouble !== undefined && checks.sweepAtMs > nowMs ? checks.sweepAtMs : undefined;
}

/** Deletes one Job, if it still is ours, and forgets it; what keeps it from that is returned. */
async function sweep(
  context: EngineContext,
  memory: AssignmentMemory,
  { run, signal }: { readonly run: JobRun; readonly signal: AbortSignal },
): Promise<SweepTrouble | undefined> {
  const { slots, ports, config } = context;
  const { placement, checks } = memory;
  const ref = { group: 'batch', version: 'v1', kind: 'Job', namespace: run.namespace, name: run.name };
  try {
    await slots.run(async () => {
      const found = await ports.kube.get(ref, signal);
      const { check, version } = run;
      const own = { check, placement, version, owner: formatOwner(config.owner) };
      if (found === undefined || !isOwnJob(found, own)) return;
      const uid = found.metadata.uid ?? '';
      const options = { uid, resourceVersion: undefined, propagation: 'Background', dryRun: false } as const;
      await ports.kube.delete(ref, options, signal);
    }, signal);
    await saveRuns(context, memory, { runs: withoutRun(checks.runs, run), signal });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const { severity, reason } = kubeFailure(error, { verb: 'Check', ref });
    const text = `${formatRef(ref)} of the row before cannot be deleted: ${reason.text}`;
    return severity === 'passing'
      ? { kind: 'waiting', text, ref }
      : { kind: 'blocked', code: reason.code, text, ref };
  }
}
