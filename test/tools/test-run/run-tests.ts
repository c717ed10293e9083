import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeError } from '@flotilla/shared/base';
import { runChild } from '../child.ts';
import { rootFolder } from '../paths.ts';
import { type Counts, countOne, sumCounts } from './counts.ts';
import { type Stage, type StageContext, stages } from './stages.ts';

/** `ci`: what fits 12 minutes on 2 cores; `all`: every long suite in full. Suites read it from FLOTILLA_TIER. */
export type Tier = 'ci' | 'all';

/** What the whole run may take: CI gives it 90 minutes, and a run that CI cuts off says nothing of what it found. */
const wholeMs: Readonly<Record<Tier, number>> = { ci: 75 * 60_000, all: 8 * 3_600_000 };

/**
 * Runs every stage whatever the others found, then prints what failed and, as the very last line,
 * `N passed, N failed`, also when its time is over. Answers with the exit code: 0 only when nothing failed.
 */
export async function runTests(tier: Tier, stopped: AbortSignal): Promise<number> {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(wholeMs[tier])]);
  const env = { FLOTILLA_TIER: tier, FLOTILLA_SAMPLE_SEED: await readCommitId(signal) };
  const all: Counts[] = [];
  for (const stage of stages()) {
    all.push(await runStage(stage, { env, signal }));
    if (signal.aborted) break;
  }
  const sum = sumCounts(all);
  for (const note of sum.notes) process.stdout.write(`failed: ${note}\n`);
  process.stdout.write(`${sum.passed} passed, ${sum.failed} failed\n`);
  return sum.failed === 0 ? 0 : 1;
}

/** With those beside it: what they wrote follows when all have ended. */
async function runStage(stage: Stage, context: StageContext): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-beside-'));
  const path = join(folder, 'output');
  const output = await open(path, 'w');
  const beside = async () => {
    const counts: Counts[] = [];
    for (const one of stage.beside ?? []) {
      const told = await runOne(one, { ...context, file: output.fd });
      await output.write(told.lines);
      counts.push(told.counts);
    }
    return counts;
  };
  process.stdout.write(`== ${stage.name}\n`);
  const [own, others] = await Promise.all([runOne(stage, context), beside()]);
  process.stdout.write(own.lines);
  await output.close();
  process.stdout.write(await readFile(path, 'utf8'));
  await rm(folder, { recursive: true, force: true });
  return sumCounts([own.counts, ...others]);
}

async function runOne(
  stage: Stage,
  context: StageContext,
): Promise<{ readonly counts: Counts; readonly lines: string }> {
  const { signal } = context;
  const started = performance.now();
  const deadline = AbortSignal.timeout(stage.deadlineMs);
  const limited = { ...context, signal: AbortSignal.any([signal, deadline]) };
  const counts = await stage.run(limited).catch((error: unknown) => {
    const minutes = stage.deadlineMs / 60_000;
    if (signal.aborted) return countOne(describeError(signal.reason));
    if (deadline.aborted) return countOne(`it did not end within ${minutes} minutes`);
    return countOne(`it crashed before it could count: ${describeError(error)}`);
  });
  const notes = counts.notes.map((note) => `${stage.name}: ${note}`);
  const seconds = Math.round((performance.now() - started) / 1000);
  const lines = `== ${stage.name}: ${counts.passed} passed, ${counts.failed} failed (${seconds} s)\n`;
  return { counts: { ...counts, notes }, lines };
}

/** Long suites draw their samples from the commit's id, so that they move from commit to commit. */
async function readCommitId(signal: AbortSignal): Promise<string> {
  const outcome = await runChild('git', ['rev-parse', 'HEAD'], {
    cwd: rootFolder,
    output: 'capture',
    signal,
  });
  return outcome.code === 0 ? outcome.stdout.trim() : 'no-commit';
}
