import { assertNever } from '../base/index.ts';
import {
  planStart,
  readEnvironment,
  type SettingsReading,
  type SettingsRule,
  type SettingsTable,
  type SettingsValues,
} from './settings/index.ts';

/** One command of a program that runs with settings. */
export interface ConfiguredCommand<Table extends SettingsTable> {
  readonly program: string;
  readonly command: string;
  readonly summary: string;
  readonly table: Table;
  /** What no single setting shows. */
  readonly rules: readonly SettingsRule<Table>[];
  /** Looks further for `--check-config`; resolves to the mistakes. */
  readonly inspect?: (reading: SettingsReading<Table>) => Promise<readonly string[]>;
  /** Arguments after the command's name. */
  readonly args: readonly string[];
}

/** The settings, or the exit code to end with: 0 after `--help` and a good `--check-config`, 2 after mistakes. */
export type ConfigOutcome<Table extends SettingsTable> =
  | { readonly kind: 'run'; readonly config: SettingsValues<Table> }
  | { readonly kind: 'end'; readonly exitCode: number };

/** Reads a command's settings; tells help on stdout and every mistake at once on stderr. */
export async function readConfig<Table extends SettingsTable>(
  command: ConfiguredCommand<Table>,
): Promise<ConfigOutcome<Table>> {
  const { args, inspect, program, rules, table, summary } = command;
  const plan = await planStart(table, {
    env: readEnvironment(),
    args,
    help: { usage: `${program} ${command.command} [flags]`, summary },
    rules,
    ...(inspect && { inspect }),
  });
  switch (plan.kind) {
    case 'print':
      process.stdout.write(plan.text);
      return { kind: 'end', exitCode: 0 };
    case 'refuse':
      process.stderr.write(`${program}: ${plan.text}`);
      return { kind: 'end', exitCode: 2 };
    case 'run':
      for (const remark of plan.remarks) process.stderr.write(`${program}: ${remark}\n`);
      return { kind: 'run', config: plan.settings };
    default:
      return assertNever(plan);
  }
}

/** Resolves when the signal is aborted. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
