import { filesOf } from './invariants.ts';
import { judgeRun, type Verdict, whyNoJudge } from './judge-run.ts';
import type { Mutant } from './mutant.ts';
import { invariantOf } from './mutant.ts';
import { VitestLane } from './vitest-lane.ts';

/** What became of one mutant. */
export interface Outcome {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
  readonly ms: number;
}

/** Files with tests of one invariant, and the mutants that they judge. */
interface Group {
  readonly files: readonly string[];
  readonly mutants: readonly Mutant[];
}

/**
 * Runs the tests of each mutant's invariant on code with that mutant in it, `lanes` mutants at a time. First, without any
 * mutant, every file has to prove that it can judge. Stops between two runs when the signal aborts.
 */
export async function runMutants(
  mutants: readonly Mutant[],
  options: { readonly lanes: number; readonly say: (outcome: Outcome) => void; readonly signal: AbortSignal },
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const left = groupsOf(mutants);
  const tell = (outcome: Outcome) => {
    outcomes.push(outcome);
    options.say(outcome);
  };
  const work = async () => {
    await using lane = await VitestLane.start();
    for (let group = left.shift(); group !== undefined; group = left.shift())
      await runGroup(lane, group, tell, options.signal);
  };
  await Promise.all(Array.from({ length: options.lanes }, work));
  return outcomes;
}

function groupsOf(mutants: readonly Mutant[]): Group[] {
  const keyOf = (mutant: Mutant) => `${invariantOf(mutant)} ${filesOf(mutant).join(' ')}`;
  return [...Map.groupBy(mutants, keyOf).values()].map((list) => ({
    files: list.slice(0, 1).flatMap(filesOf),
    mutants: list,
  }));
}

async function runGroup(
  lane: VitestLane,
  { files, mutants }: Group,
  tell: (outcome: Outcome) => void,
  signal: AbortSignal,
): Promise<void> {
  const unfit = new Map<string, string>();
  const [first] = mutants;
  if (first === undefined) return;
  for (const file of files) {
    const why = whyNoJudge(await lane.run(file, invariantOf(first), undefined));
    if (why !== undefined) unfit.set(file, why);
  }
  const [problem] = [...unfit].map(([file, why]) => `${file}: ${why}`);
  for (const mutant of mutants) {
    if (signal.aborted) return;
    const started = performance.now();
    const verdict: Verdict =
      problem === undefined ? await judgeIn(lane, files, mutant) : { kind: 'invalid', why: problem };
    tell({ mutant, verdict, ms: performance.now() - started });
  }
}

/** The first file that kills it, else what the last one says. */
async function judgeIn(lane: VitestLane, files: readonly string[], mutant: Mutant): Promise<Verdict> {
  let verdict: Verdict = { kind: 'invalid', why: 'no file has a test of the invariant' };
  for (const file of files) {
    verdict = judgeRun(await lane.run(file, invariantOf(mutant), mutant));
    if (verdict.kind !== 'survived') return verdict;
  }
  return verdict;
}
