import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeError } from '@flotilla/shared/base';
import { buildPrograms } from '../build/build-programs.ts';
import { runStaticChecks } from '../checks/run-checks.ts';
import { runChild } from '../child.ts';
import { findTools, toolNames } from '../finder/index.ts';
import { isInRepository, packageCommand, rootFolder } from '../paths.ts';
import { type Counts, countOne, countVitest, sumCounts } from './counts.ts';
import { filesLeftOut } from './sampled-files.ts';

const minuteMs = 60_000;

/** One part of the test run, with its own output and its own deadline. */
export interface Stage {
  readonly name: string;
  /** Far above what it needs: only a run that hangs meets it. */
  readonly deadlineMs: number;
  readonly run: (context: StageContext) => Promise<Counts>;
  /**
   * Stages of pure computation that run one after the other while this one waits for servers, and leave it the processor. They
   * are told of after it.
   */
  readonly beside?: readonly Stage[];
}

/** What a stage is run with. */
export interface StageContext {
  readonly signal: AbortSignal;
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Where a stage that runs beside another one writes; else to the terminal. */
  readonly file?: number;
}

/** The stages in running order: what fails quickly comes first. */
export function stages(): readonly Stage[] {
  return [
    { name: 'tools', deadlineMs: 60 * minuteMs, run: provideTools },
    { name: 'check', deadlineMs: 5 * minuteMs, run: check },
    { name: 'build', deadlineMs: 5 * minuteMs, run: build },
    vitestStage('unit', 5 * minuteMs),
    vitestStage('tidy', 5 * minuteMs),
    vitestStage('real', 30 * minuteMs),
    { ...vitestStage('e2e', 60 * minuteMs), beside: [simulation, mutants] },
    conformance,
    faults,
    ...(isInRepository('test/demo/main.ts') ? [demoSmoke] : []),
  ];
}

/** Kills processes for minutes: only in full. */
const faults: Stage = { name: 'faults', deadlineMs: 90 * minuteMs, run: breakProcesses };

/** The project's own sets in full only; those of others, in the folder that FLOTILLA_CORPUS names, whenever it does. */
const conformance: Stage = { name: 'conformance', deadlineMs: 30 * minuteMs, run: compareWithKubectl };

const demoSmoke: Stage = { name: 'demo', deadlineMs: 15 * minuteMs, run: smokeDemo };

const simulation: Stage = { name: 'sim', deadlineMs: 60 * minuteMs, run: simulate };

const mutants: Stage = { name: 'mutants', deadlineMs: 30 * minuteMs, run: breakCode };

/** What fits a minute: another sample with each commit, so that all come by. */
const mutantsInCi = 12;

/** Not a test of its own, but without it the real tests would build for minutes without a word. */
async function provideTools({ signal }: StageContext): Promise<Counts> {
  try {
    await findTools(toolNames, { signal });
    return sumCounts([]);
  } catch (error) {
    signal.throwIfAborted();
    return countOne(describeError(error));
  }
}

async function check({ signal }: StageContext): Promise<Counts> {
  const outcomes = await runStaticChecks(signal);
  return sumCounts(outcomes.map(({ name, isGood }) => countOne(isGood ? undefined : `${name} (see above)`)));
}

async function build({ signal }: StageContext): Promise<Counts> {
  const code = await buildPrograms([], signal);
  return countOne(code === 0 ? undefined : 'npm run build did not build every program (see above)');
}

function vitestStage(project: string, deadlineMs: number): Stage {
  return { name: project, deadlineMs, run: (context) => runVitest(project, context) };
}

async function runVitest(project: string, { env, signal }: StageContext): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-report-'));
  const file = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  try {
    const sample = { tier: env['FLOTILLA_TIER'], seed: env['FLOTILLA_SAMPLE_SEED'] };
    const excludes = filesLeftOut(project, sample).map((path) => `--exclude=${path}`);
    const args = ['run', '--project', project, ...excludes, ...reporters];
    const outcome = await runChild(packageCommand('vitest'), args, {
      cwd: rootFolder,
      env,
      output: 'show',
      signal,
    });
    const report = await readFile(file, 'utf8').catch(() => undefined);
    return countVitest(report, outcome.code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** So many seeds as CI has time for, others for each commit; in full ten times as many. */
async function simulate(context: StageContext): Promise<Counts> {
  const seeds = context.env['FLOTILLA_TIER'] === 'all' ? ['--seeds', '20000'] : [];
  return await runProgram('sim', seeds, context);
}

async function breakProcesses(context: StageContext): Promise<Counts> {
  return await runInFull('faults', context);
}

async function compareWithKubectl(context: StageContext): Promise<Counts> {
  const corpus = process.env['FLOTILLA_CORPUS'] ?? '';
  return sumCounts([
    await runInFull('conformance', context),
    corpus === '' ? sumCounts([]) : await runProgram('conformance', [corpus], context),
  ]);
}

/** A program that takes minutes: in tier `all` only. */
async function runInFull(name: string, context: StageContext): Promise<Counts> {
  return context.env['FLOTILLA_TIER'] === 'all' ? await runProgram(name, [], context) : sumCounts([]);
}

/** `npm run NAME -- ARGS` of this project, as one test. */
async function runProgram(
  name: string,
  args: readonly string[],
  { env, file, signal }: StageContext,
): Promise<Counts> {
  const all = [join(rootFolder, `test/${name}/main.ts`), ...args];
  const { code } = await runChild(process.execPath, all, {
    ...{ cwd: rootFolder, env, signal },
    output: file ?? 'show',
    isPatient: file !== undefined,
  });
  const command = ['npm run', name, ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  return countOne(code === 0 ? undefined : `${command} ended with code ${code}`);
}

/** On simulated clusters always; in full on real control planes as well. */
async function smokeDemo(context: StageContext): Promise<Counts> {
  const runs = context.env['FLOTILLA_TIER'] === 'all' ? [[], ['--real', '2']] : [[]];
  const counts: Counts[] = [];
  for (const more of runs) counts.push(await runProgram('demo', ['--smoke', '--json', ...more], context));
  return sumCounts(counts);
}

/** Breaks the code line by line and sees tests fail: all mutants in tier `all`, else a sample drawn by the commit's id. */
async function breakCode(context: StageContext): Promise<Counts> {
  const sample = context.env['FLOTILLA_TIER'] === 'all' ? [] : ['--sample', String(mutantsInCi)];
  return await runProgram('mutants', sample, context);
}
