/**
 * `npm run sim`: the randomized simulation of a whole fleet. Reading order: run-seed (one life), world, hub-process and
 * agent-process (production code on fakes), happenings, quiet-phase; ledger, truth and oracles (who judges); pool and worker.
 */
import { availableParallelism } from 'node:os';
import { signalOfProcess } from '../tools/process-signal.ts';
import { parseArguments, type SimRequest, seedsInCi, usage } from './arguments.ts';
import type { SeedReport } from './outcome.ts';
import { runSeeds } from './pool.ts';
import { neverSeen, sumKinds } from './seen-kinds.ts';

const asked = parseArguments(process.argv.slice(2), process.env['FLOTILLA_SAMPLE_SEED']);
if (asked.ok)
  process.exitCode = asked.value.count === 1 ? await runOne(asked.value) : await runMany(asked.value);
else {
  process.stderr.write(`flotilla: ${asked.error}\n${usage}`);
  process.exitCode = 2;
}

async function runOne({ from, hasTrace }: SimRequest): Promise<number> {
  const { runSeed } = await import('./run-seed.ts');
  const { failure, hash, trace } = await runSeed(from);
  const all = trace();
  const lines = hasTrace ? all : all.slice(failure === undefined ? all.length : -40);
  for (const line of lines) process.stdout.write(`${line}\n`);
  process.stdout.write(`seed ${from}: ${failure?.message ?? 'every invariant held'}; trace ${hash}\n`);
  return failure === undefined ? 0 : 1;
}

async function runMany({ count, from }: SimRequest): Promise<number> {
  const reports: SeedReport[] = [];
  const workers = availableParallelism();
  const started = performance.now();
  const onReport = (report: SeedReport): void => {
    reports.push(report);
    if (report.failure !== undefined) process.stdout.write(`${describeFailure(report)}\n`);
    if (reports.length % 500 === 0) process.stderr.write(`${reports.length} of ${count} seeds\n`);
  };
  await runSeeds({ from, count, workers, onReport }, signalOfProcess());
  const kinds = sumKinds(reports);
  const unseen = count >= seedsInCi ? neverSeen(kinds) : [];
  for (const kind of unseen)
    process.stdout.write(
      `never seen in ${count} seeds: a decision ${kind}; what never happens proves nothing\n`,
    );
  const failed = reports.filter(({ failure }) => failure !== undefined).length;
  const seconds = Math.round((performance.now() - started) / 1_000);
  const decisions = Object.values(kinds).reduce((sum, one) => sum + one, 0);
  const what = `seeds ${from} to ${from + count - 1}: ${reports.length} lived through, ${failed} with a violation`;
  process.stdout.write(`${what}; ${decisions} decisions, ${workers} processes, ${seconds} s\n`);
  return failed + unseen.length === 0 && reports.length === count ? 0 : 1;
}

function describeFailure({ failure, seed }: SeedReport): string {
  return `seed ${seed}: ${failure}\n  replay: npm run sim -- --seed ${seed} --trace`;
}
