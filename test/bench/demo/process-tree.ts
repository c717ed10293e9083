import { readdir, readFile } from 'node:fs/promises';
import { readProcess } from '../results-file.ts';
import { round } from '../summary.ts';

/** One process of a tree, as Linux counts it. */
export interface TreeProcess {
  readonly pid: number;
  /** What it runs, for people: the first script or program of its command line. */
  readonly name: string;
  readonly pssMiB: number;
  readonly cpuMs: number;
}

/** A process and everything below it, largest first. One that ends meanwhile is left out. */
export async function readTree(root: number): Promise<readonly TreeProcess[]> {
  const parents = await readParents();
  const isBelow = (pid: number): boolean =>
    pid === root || (parents.has(pid) && pid !== 1 && isBelow(parents.get(pid) ?? 1));
  const pids = [...parents.keys()].filter(isBelow);
  const read = await Promise.all(pids.map((pid) => describe(pid).catch(() => undefined)));
  return read.filter((one) => one !== undefined).sort((left, right) => right.pssMiB - left.pssMiB);
}

async function describe(pid: number): Promise<TreeProcess> {
  const [{ cpuMs, pssMiB }, commandLine] = await Promise.all([
    readProcess(pid),
    readFile(`/proc/${pid}/cmdline`, 'utf8'),
  ]);
  const [program = '', ...args] = commandLine.split('\0');
  const script = args.find((arg) => /\.[cm]?[jt]s$/.test(arg) || arg.startsWith('/'));
  const name = (program.endsWith('node') ? (script ?? program) : program).split('/').slice(-3).join('/');
  return { pid, name, pssMiB: round(pssMiB), cpuMs };
}

/** Parent of every process there is. */
async function readParents(): Promise<ReadonlyMap<number, number>> {
  const parents = new Map<number, number>();
  for (const entry of await readdir('/proc')) {
    if (!/^[0-9]+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    // Field 4 of proc(5); the name before it may hold anything, so what follows its last bracket is read.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? Number.NaN);
    if (Number.isInteger(parent)) parents.set(Number(entry), parent);
  }
  return parents;
}
