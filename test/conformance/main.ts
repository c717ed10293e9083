/**
 * `npm run conformance -- [FOLDER…] [--set NAME] [--verbose]`: brings real manifests onto two clusters, on one by
 * `kubectl apply --server-side`, on the other by the agent's engine, and compares what is there. Without a folder: the
 * project's own sets. Reading order: sets, reference, steps, run-set, then snapshot and compare.
 */
import { parseArgs } from 'node:util';
import { describeError } from '@flotilla/shared/base';
import { signalOfProcess } from '../tools/process-signal.ts';
import { runSet, type SetOutcome } from './run-set.ts';
import { findSets, type ManifestSet } from './sets.ts';

/** Half of a set's time is waiting for servers to start. */
const lanes = 2;

const say = (line: string) => void process.stdout.write(`${line}\n`);
const signal = signalOfProcess();
const code = await main(process.argv.slice(2));
process.exitCode ||= code;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { set: { type: 'string', multiple: true }, verbose: { type: 'boolean' } },
  });
  const folders = positionals.length > 0 ? positionals : [`${import.meta.dirname}/sets`];
  const all = (await Promise.all(folders.map(findSets))).flat();
  const sets = values.set === undefined ? all : all.filter((one) => values.set?.includes(one.name));
  if (sets.length === 0) {
    say(
      `conformance: no such set in ${folders.join(', ')}; there are ${all.map((one) => one.name).join(', ')}`,
    );
    return 2;
  }
  const left = [...sets];
  const counts = { passed: 0, failed: 0 };
  const work = async () => {
    for (let set = left.shift(); set !== undefined && !signal.aborted; set = left.shift())
      counts[(await runOne(set, values.verbose === true)) ? 'passed' : 'failed'] += 1;
  };
  await Promise.all(Array.from({ length: lanes }, work));
  say(`${sets.length} sets: ${counts.passed} passed, ${counts.failed} failed`);
  return counts.passed === sets.length ? 0 : 1;
}

async function runOne(set: ManifestSet, isVerbose: boolean): Promise<boolean> {
  const startedMs = performance.now();
  const seconds = () => `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`;
  try {
    const outcome = await runSet(set);
    say(`${outcome.broken.length === 0 ? 'same  ' : 'DIFFER'} ${lineOf(outcome)} (${seconds()})`);
    for (const line of outcome.broken) say(`       ${line}`);
    if (isVerbose) for (const line of outcome.refusedByKubectl) say(`       kubectl refused: ${line}`);
    return outcome.broken.length === 0;
  } catch (error) {
    say(`BROKEN ${set.name} (${seconds()}): ${describeError(error)}`);
    return false;
  }
}

function lineOf({ name, objects, refusedByKubectl, pruned }: SetOutcome): string {
  const refused = refusedByKubectl.length === 0 ? '' : ', some refused by both';
  return `${name}: ${objects} objects${refused}, ${pruned} pruned on the way back`;
}
