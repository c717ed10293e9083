/**
 * `npm run mutants [-- WORD…] [--sample N]`: breaks the product one line at a time and sees a test of the broken invariant
 * fail. Words are ids, beginnings of ids, or invariants (I4). Reading order: mutant, invariants, catalogue/,
 * break-text, judge-run, then vitest-lane and run-mutants.
 */
import { parseArgs } from 'node:util';
import { signalOfProcess } from '../tools/process-signal.ts';
import { catalogue } from './catalogue/index.ts';
import { chosenBy, sampleOf, unknownWords } from './choose.ts';
import { misfits } from './misfits.ts';
import { type Outcome, runMutants } from './run-mutants.ts';

/** As many mutants at a time as the smallest machine of CI has cores. */
const lanes = 2;

const say = (line: string) => void process.stdout.write(`${line}\n`);

const signal = signalOfProcess();
const code = await main(process.argv.slice(2), signal);
// Vitest has left its own verdict on runs that were meant to fail.
if (!signal.aborted) process.exitCode = code;

async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { sample: { type: 'string' } },
  });
  const unknown = unknownWords(positionals, catalogue);
  if (unknown.length > 0) {
    say(`no mutant is called ${unknown.join(' or ')}; the catalogue is in test/mutants/catalogue`);
    return 2;
  }
  const stale = await misfits(catalogue);
  for (const line of stale) say(line);
  if (stale.length > 0) return 1;
  const all = chosenBy(positionals, catalogue);
  const seed = process.env['FLOTILLA_SAMPLE_SEED'] ?? '';
  const mutants = values.sample === undefined ? all : sampleOf(all, Number(values.sample), seed);
  const started = performance.now();
  const outcomes = await runMutants(mutants, { lanes, say: (one) => say(lineOf(one)), signal });
  return summarize(outcomes, { count: mutants.length, ms: performance.now() - started });
}

function lineOf({ mutant, verdict, ms }: Outcome): string {
  const took = `${(ms / 1000).toFixed(1)} s`;
  switch (verdict.kind) {
    case 'killed':
      return `killed    ${mutant.id} (${took}) by "${verdict.by}"`;
    case 'survived':
      return `SURVIVED  ${mutant.id} (${took}): ${mutant.file} with ${JSON.stringify(mutant.replace)} for ${JSON.stringify(mutant.find)}`;
    case 'invalid':
      return `INVALID   ${mutant.id}: ${verdict.why}`;
  }
}

function summarize(
  outcomes: readonly Outcome[],
  { count, ms }: { readonly count: number; readonly ms: number },
): number {
  const bad = outcomes.filter((one) => one.verdict.kind !== 'killed');
  if (bad.length > 0) say('');
  for (const one of bad) say(lineOf(one));
  const killed = outcomes.length - bad.length;
  say(`${count} mutants: ${killed} killed, ${count - killed} not, in ${(ms / 1000).toFixed(0)} s`);
  return killed === count ? 0 : 1;
}
