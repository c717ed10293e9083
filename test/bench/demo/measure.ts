import { type ChildProcess, spawn } from 'node:child_process';
import { rootFolder } from '../../tools/index.ts';
import type { BenchRequest } from '../main.ts';
import type { Line, Measured } from '../results-file.ts';
import { describeSummary, round, summarize } from '../summary.ts';
import { readTree } from './process-tree.ts';

const countDefault = 3;
const restMs = 60_000;
const readyWithinMs = 180_000;
const budgets = { firstScreenS: 5, allReadyS: 15, pssMiB: 700 };

/**
 * `npm run demo` as a person starts it, run after run: seconds to the first screen and until all 24 clusters are Ready,
 * and the memory of the whole tree of processes (npm's own included) 60 s after that.
 */
export async function measureDemo(request: BenchRequest): Promise<Measured> {
  const runs: DemoRun[] = [];
  for (let index = 0; index < (request.count ?? countDefault); index += 1) {
    const run = await measureRun();
    request.say(`first screen ${run.firstScreenS} s, all Ready ${run.allReadyS} s, ${run.pssMiB} MiB PSS`);
    runs.push(run);
  }
  const of = (figure: keyof typeof budgets) => summarize(runs.map((run) => run[figure]));
  const figures = {
    firstScreenS: of('firstScreenS'),
    allReadyS: of('allReadyS'),
    pssMiB: of('pssMiB'),
    budgets,
  };
  return {
    lines: runs,
    figures,
    text: [
      `first screen ${describeSummary(figures.firstScreenS, 's')}; budget ${budgets.firstScreenS} s`,
      `all Ready ${describeSummary(figures.allReadyS, 's')}; budget ${budgets.allReadyS} s`,
      `whole tree ${describeSummary(figures.pssMiB, 'MiB PSS')}; budget ${budgets.pssMiB} MiB`,
    ],
  };
}

interface DemoRun extends Line {
  readonly firstScreenS: number;
  readonly allReadyS: number;
  readonly pssMiB: number;
}

async function measureRun(): Promise<DemoRun> {
  const startedMs = performance.now();
  // A group of its own, so that the whole of it can be ended as Ctrl-C does.
  const child = spawn('npm', ['run', '--silent', 'demo'], {
    cwd: rootFolder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    const { allReadyS, firstScreenS } = await watchScreens(child, startedMs);
    await new Promise((resolve) => setTimeout(resolve, restMs));
    const processes = await readTree(child.pid ?? 0);
    const pssMiB = round(processes.reduce((sum, one) => sum + one.pssMiB, 0));
    return { kind: 'demo', firstScreenS, allReadyS, pssMiB, processes };
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
    await ended;
  }
}

/** Reads what the demo prints where no terminal is: a table whenever something changed. */
async function watchScreens(
  child: ChildProcess,
  startedMs: number,
): Promise<{ readonly firstScreenS: number; readonly allReadyS: number }> {
  const seconds = () => round((performance.now() - startedMs) / 1_000);
  let firstScreenS: number | undefined;
  let told = '';
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not all Ready in time:\n${told}`)), readyWithinMs);
    const finish = (allReadyS: number) => {
      clearTimeout(timer);
      resolve({ firstScreenS: firstScreenS ?? allReadyS, allReadyS });
    };
    const take = (chunk: Buffer) => {
      told = (told + chunk.toString()).slice(-20_000);
      if (told.includes('commit in force')) firstScreenS ??= seconds();
      if (isAllReady(told)) finish(seconds());
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', (chunk: Buffer) => {
      told = (told + chunk.toString()).slice(-20_000);
    });
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(`the demo ended:\n${told}`));
    });
  });
}

function isAllReady(text: string): boolean {
  const counts = [...text.matchAll(/(\d+) of (\d+) assignments Ready on 24 clusters/g)].at(-1);
  const isStill = /(p|D|S|s|\?|\.)/.test(cellsOf(text));
  return counts !== undefined && counts[1] === counts[2] && counts[1] !== '0' && !isStill;
}

/** The letters of the newest table. */
function cellsOf(text: string): string {
  const table = text.slice(text.lastIndexOf('flotilla demo'));
  return [...table.matchAll(/^\S+ +([RpDSs?. ]{24})(?: |$)/gm)]
    .map((row) => row[1]?.replaceAll(' ', ''))
    .join('');
}
