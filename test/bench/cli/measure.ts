import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { builtPrograms, ControlSide } from '../../real/control-side/index.ts';
import type { BenchRequest } from '../main.ts';
import type { Line, Measured } from '../results-file.ts';
import { describeSummary, round, summarize } from '../summary.ts';

const run = promisify(execFile);
const countDefault = 50;

/** Whole processes, from spawn to exit: `flotilla version`, and `flotilla get clusters` against a real hub. */
export async function measureCli(request: BenchRequest): Promise<Measured> {
  const count = request.count ?? countDefault;
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const control = stack.use(await ControlSide.start({ folder, programs: builtPrograms }));
  const { dataDir, programs } = control.settings;
  const commands = {
    version: ['version'],
    getClusters: ['get', 'clusters', '--data-dir', dataDir],
  };
  // The program as people start it: its first lines look for Node, and let it keep what it compiled.
  const env = { ...process.env, FLOTILLA_NODE: process.execPath, XDG_CACHE_HOME: folder };
  const lines: Line[] = [];
  const tookMs: Record<keyof typeof commands, number[]> = { version: [], getClusters: [] };
  // In turns, so that a slow moment of the machine hits both.
  for (let index = 0; index < count; index += 1) {
    for (const name of ['version', 'getClusters'] as const) {
      const startedMs = performance.now();
      await run(programs.cli, commands[name], { env });
      const ms = round(performance.now() - startedMs);
      tookMs[name].push(ms);
      lines.push({ kind: 'run', command: name, ms });
    }
  }
  const figures = {
    versionMs: summarize(tookMs.version),
    getClustersMs: summarize(tookMs.getClusters),
    budgets: { startMs: 150 },
  };
  return {
    lines,
    figures,
    text: [
      `flotilla version: ${describeSummary(figures.versionMs, 'ms')}; budget 150 ms`,
      `flotilla get clusters: ${describeSummary(figures.getClustersMs, 'ms')}`,
    ],
  };
}
