import { type HelpOptions, settingsHelp } from './help.ts';
import { type ReadOptions, readSettings } from './read-settings.ts';
import type { SettingsReading, SettingsRule } from './rules.ts';
import type { SettingsTable, SettingsValues } from './setting.ts';

/** What a program is to do, by its arguments. */
export type StartPlan<Table extends SettingsTable> =
  /** Print this to stdout and end with code 0. */
  | { readonly kind: 'print'; readonly text: string }
  /** Print this to stderr and end with code 2. */
  | { readonly kind: 'refuse'; readonly text: string }
  | { readonly kind: 'run'; readonly settings: SettingsValues<Table>; readonly remarks: readonly string[] };

/** How a plan is made. */
export interface StartPlanOptions<Table extends SettingsTable> extends ReadOptions {
  readonly help: HelpOptions;
  /** What no single setting shows; a mistake that one finds keeps the program from starting. */
  readonly rules?: readonly SettingsRule<Table>[];
  /**
   * Looks further, at files and words that a running program can do without; for `--check-config` alone. Resolves to the
   * mistakes.
   */
  readonly inspect?: (reading: SettingsReading<Table>) => Promise<readonly string[]>;
}

/** Reads a program's arguments: `--help` and `--check-config` are answered, everything else is settings. */
export async function planStart<Table extends SettingsTable>(
  table: Table,
  options: StartPlanOptions<Table>,
): Promise<StartPlan<Table>> {
  if (options.args.includes('--help') || options.args.includes('-h')) {
    return { kind: 'print', text: settingsHelp(table, options.help) };
  }
  const args = options.args.filter((arg) => arg !== '--check-config');
  const outcome = await readSettings(table, { ...options, args });
  const isRun = args.length === options.args.length;
  const mistakes = [
    ...(outcome.kind === 'mistakes' ? outcome.mistakes : []),
    ...(options.rules ?? []).flatMap((rule) => rule(outcome.reading)),
    ...((isRun ? undefined : await options.inspect?.(outcome.reading)) ?? []),
  ];
  if (outcome.kind === 'mistakes' || mistakes.length > 0) return { kind: 'refuse', text: describe(mistakes) };
  if (isRun) return { kind: 'run', settings: outcome.values, remarks: outcome.remarks };
  const from = outcome.file === undefined ? '' : ` (file ${outcome.file})`;
  return { kind: 'print', text: [...outcome.remarks, `the configuration is good${from}`, ''].join('\n') };
}

function describe(mistakes: readonly string[]): string {
  const head =
    mistakes.length === 1
      ? 'the configuration has a mistake'
      : `the configuration has ${mistakes.length} mistakes`;
  return [
    `${head}:`,
    ...mistakes.map((mistake) => `  ${mistake}`),
    'every setting is explained by --help',
    '',
  ].join('\n');
}
