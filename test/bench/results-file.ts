import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findTool, rootFolder, type ToolName } from '../tools/index.ts';

const run = promisify(execFile);

/** One raw line of a measurement. */
export interface Line {
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** What a measurement found: every raw line, the figures of them, and how they stand to the budgets. */
export interface Measured {
  readonly lines: readonly Line[];
  readonly figures: { readonly [name: string]: unknown };
  /** For people, one line each. */
  readonly text: readonly string[];
}

/** Where and with what something was measured. */
export async function readMachine(tools: readonly ToolName[]): Promise<Line> {
  const [first] = cpus();
  const git = async (...args: readonly string[]) =>
    (await run('git', [...args], { cwd: rootFolder })).stdout.trim();
  const versions: Record<string, string> = { node: process.version, git: await git('--version') };
  for (const name of tools) versions[name] = (await findTool(name)).version;
  // Results of measurements before this one are no part of what is measured.
  const code = ['--', '.', ':!test/bench/results'];
  const changed = await git('status', '--porcelain', '--untracked-files=no', ...code);
  return {
    kind: 'machine',
    measuredAt: new Date().toISOString(),
    commit: `${await git('rev-parse', 'HEAD')}${changed === '' ? '' : ' with changes'}`,
    cores: cpus().length,
    cpu: first?.model ?? '',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${platform()} ${release()} ${arch()}`,
    loadBefore: loadavg()[0],
    versions,
  };
}

/** Writes `test/bench/results/NAME.jsonl`: machine, raw lines, figures. The newest run replaces the one before it. */
export async function writeResults(name: string, machine: Line, measured: Measured): Promise<string> {
  const folder = join(rootFolder, 'test/bench/results');
  await mkdir(folder, { recursive: true });
  const lines = [machine, ...measured.lines, { kind: 'figures', ...measured.figures }];
  await writeFile(join(folder, `${name}.jsonl`), `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
  return `test/bench/results/${name}.jsonl`;
}

/** Memory and processor time of one process, as Linux counts them. */
export interface ProcessFigures {
  readonly rssMiB: number;
  /** Its share of memory that it has together with others. */
  readonly pssMiB: number;
  /** User and system time since its start. */
  readonly cpuMs: number;
}

/** Reads them from /proc. Rejects for a process that is gone. */
export async function readProcess(pid: number): Promise<ProcessFigures> {
  const [rollup, stat] = await Promise.all([
    readFile(`/proc/${pid}/smaps_rollup`, 'utf8'),
    readFile(`/proc/${pid}/stat`, 'utf8'),
  ]);
  const kib = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? Number.NaN);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // Fields 14 and 15 of proc(5), counted in ticks of 10 ms.
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { rssMiB: kib('Rss') / 1024, pssMiB: kib('Pss') / 1024, cpuMs: ticks * 10 };
}
