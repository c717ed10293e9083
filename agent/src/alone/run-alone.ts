import { assertNever, describeError } from '@flotilla/shared/base';
import { createLogger, listenForShutdown, readConfig } from '@flotilla/shared/kit';
import { applyAlone, printOutcome } from './apply.ts';
import { healthAlone, printVerdicts } from './health.ts';
import { printObjects, renderAlone } from './render.ts';
import {
  type ApplyConfig,
  applyRules,
  applySettings,
  type HealthConfig,
  healthSettings,
  type RenderConfig,
  renderRules,
  renderSettings,
  spellOut,
} from './settings.ts';

const program = 'flotilla-agent';

/** Runs one command; resolves to the exit code: 0 good, 1 not, 2 usage. */
export async function runAlone(
  command: 'render' | 'apply' | 'health',
  args: readonly string[],
): Promise<number> {
  const common = { program, args: spellOut(args) };
  switch (command) {
    case 'render': {
      const summary =
        'Prints what would be applied: plain YAML, kustomize or a chart, from a folder or from Git.';
      const read = await readConfig({
        ...common,
        ...{ command: 'render [PATH|URL]', summary, table: renderSettings, rules: renderRules },
      });
      return read.kind === 'end' ? read.exitCode : await guarded((signal) => render(read.config, signal));
    }
    case 'apply': {
      const summary =
        'Applies a folder or a path in Git to a cluster, by the same engine and with the same care as under a hub.';
      const read = await readConfig({
        ...common,
        ...{ command: 'apply [PATH|URL]', summary, table: applySettings, rules: applyRules },
      });
      return read.kind === 'end' ? read.exitCode : await guarded((signal) => apply(read.config, signal));
    }
    case 'health': {
      const summary =
        'Says of each object whether it is as its manifest asks; ends with 0 when all of them are.';
      const read = await readConfig({ ...common, command, summary, table: healthSettings, rules: [] });
      return read.kind === 'end' ? read.exitCode : await guarded(() => health(read.config));
    }
    default:
      return assertNever(command);
  }
}

/** An interrupt ends the work; everything else that goes wrong is told in one line. */
async function guarded(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  using shutdown = listenForShutdown((exitCode) => process.exit(exitCode));
  try {
    return await work(shutdown.signal);
  } catch (error) {
    if (!shutdown.signal.aborted) process.stderr.write(`${program}: ${describeError(error)}\n`);
    return 1;
  }
}

async function render(config: RenderConfig, signal: AbortSignal): Promise<number> {
  const outcome = await renderAlone(config, signal);
  for (const line of [...outcome.notes, ...outcome.problems]) process.stderr.write(`${program}: ${line}\n`);
  if (outcome.problems.length > 0) return 1;
  process.stdout.write(printObjects(outcome, config.output));
  return 0;
}

async function apply(config: ApplyConfig, signal: AbortSignal): Promise<number> {
  const isPlain = (process.env['NO_COLOR'] ?? '') !== '';
  const log = createLogger({ program, level: config.logLevel, format: 'auto', isPlain });
  const outcome = await applyAlone(
    config,
    {
      log,
      changed: (now) => void process.stdout.write(printOutcome(now, config.output)),
      sourceFailed: (error) => void process.stderr.write(`${program}: ${describeError(error)}\n`),
    },
    signal,
  );
  if (outcome === undefined) return 0;
  if (!config.watch) process.stdout.write(printOutcome(outcome, config.output));
  return outcome.isGood ? 0 : 1;
}

async function health(config: HealthConfig): Promise<number> {
  const verdicts = await healthAlone(config, Date.now());
  process.stdout.write(printVerdicts(verdicts, config.output));
  return verdicts.every(({ status }) => status === 'Current') ? 0 : 1;
}
