import {
  readEnvironment,
  readSettings,
  type SettingsTable,
  type SettingsValues,
  settingsHelp,
} from './settings/index.ts';

/** One command of a program that runs with settings. */
export interface ConfiguredCommand<Table extends SettingsTable> {
  readonly program: string;
  readonly command: string;
  readonly summary: string;
  readonly table: Table;
  /** Mistakes that no single setting shows. */
  readonly mistakesOf: (values: SettingsValues<Table>) => readonly string[];
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
  const { args, program, table } = command;
  if (args.includes('--help') || args.includes('-h')) {
    const usage = `${program} ${command.command} [flags]`;
    process.stdout.write(settingsHelp(table, { usage, summary: command.summary }));
    return { kind: 'end', exitCode: 0 };
  }
  const read = await readSettings(table, {
    env: readEnvironment(),
    args: args.filter((arg) => arg !== '--check-config'),
  });
  for (const remark of read.remarks) process.stderr.write(`${program}: ${remark}\n`);
  const mistakes = read.kind === 'read' ? command.mistakesOf(read.values) : read.mistakes;
  for (const mistake of mistakes) process.stderr.write(`${program}: ${mistake}\n`);
  if (read.kind !== 'read' || mistakes.length > 0) return { kind: 'end', exitCode: 2 };
  if (!args.includes('--check-config')) return { kind: 'run', config: read.values };
  process.stdout.write('the configuration is good\n');
  return { kind: 'end', exitCode: 0 };
}

/** Resolves when the signal is aborted. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
