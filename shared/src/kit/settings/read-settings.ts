import { readFile } from 'node:fs/promises';
import { describeError, err, ok, type Result } from '../../base/index.ts';
import type { SettingsReading } from './rules.ts';
import {
  environmentName,
  flagName,
  type SettingsTable,
  type SettingsValues,
  settingName,
} from './setting.ts';
import {
  type Environment,
  fromEnvironment,
  fromFile,
  fromFlags,
  fromStandardVariables,
  type Given,
} from './sources.ts';

/** Where settings are read from. */
export interface ReadOptions {
  readonly env: Environment;
  /** Arguments after the command's name. */
  readonly args: readonly string[];
}

/** All settings, or every mistake at once. Remarks are for the log. */
export type ReadOutcome<Table extends SettingsTable> = {
  readonly remarks: readonly string[];
  /** Which file was read; undefined = none. */
  readonly file: string | undefined;
  /** What could be read, whatever is wrong with the rest. */
  readonly reading: SettingsReading<Table>;
} & (
  | { readonly kind: 'read'; readonly values: SettingsValues<Table> }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] }
);

const configFlag = '--config';
const configVariable = 'FLOTILLA_CONFIG';

/**
 * Reads a program's settings: flags win over the environment, that over the file (`--config` or FLOTILLA_CONFIG; YAML,
 * and so JSON), that over variables that other programs read too, those over the defaults. The values are frozen.
 */
export async function readSettings<Table extends SettingsTable>(
  table: Table,
  options: ReadOptions,
): Promise<ReadOutcome<Table>> {
  const { path, args } = takeConfigFlag(options);
  const flags = fromFlags(table, args);
  const variables = fromEnvironment(table, options.env);
  const standard = fromStandardVariables(table, options.env);
  const loaded = path === undefined ? ok(undefined) : await loadFile(path);
  const file = fromFile(table, loaded.ok ? loaded.value : undefined, path ?? '');
  const mistakes = [...(loaded.ok ? [] : [loaded.error]), ...file.mistakes, ...flags.mistakes];
  const values: Record<string, unknown> = {};
  const origins = new Map<string, string>();
  for (const key of Object.keys(table)) {
    const given =
      flags.values.get(key) ?? variables.values.get(key) ?? file.values.get(key) ?? standard.get(key);
    // It may stand in the file that cannot be read: neither missing nor known.
    if (given === undefined && !loaded.ok) continue;
    const source = given ?? defaultOf(table[key]?.fallback);
    if (source !== undefined) origins.set(key, source.from);
    const read = readOne(table, key, source);
    if (read.ok) values[key] = read.value;
    else mistakes.push(read.error);
  }
  const reading: SettingsReading<Table> = {
    // What was read was read by the parser that the table gives it.
    values: Object.freeze(values) as Partial<SettingsValues<Table>>,
    isRead: (key) => key in values,
    from: (key) => origins.get(key) ?? 'not given',
  };
  const told = { remarks: variables.remarks, file: path, reading };
  if (mistakes.length > 0) return { ...told, kind: 'mistakes', mistakes };
  // Without a mistake every key of the table was read.
  return { ...told, kind: 'read', values: values as SettingsValues<Table> };
}

function readOne(table: SettingsTable, key: string, source: Given | undefined): Result<unknown, string> {
  const setting = table[key];
  if (setting === undefined || source === undefined) {
    if (setting?.isOptional) return ok(undefined);
    return err(
      `${settingName(key)} is missing: give ${flagName(key)} ${setting?.placeholder} or set ${environmentName(key)}`,
    );
  }
  const read = setting.parse(source.text);
  return read.ok ? read : err(`${settingName(key)} ${read.error} (${source.from})`);
}

function defaultOf(fallback: string | undefined): Given | undefined {
  return fallback === undefined ? undefined : { text: fallback, from: 'default' };
}

function takeConfigFlag({ env, args }: ReadOptions): {
  readonly path: string | undefined;
  readonly args: readonly string[];
} {
  const rest: string[] = [];
  let path = env[configVariable] || undefined;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg.startsWith(`${configFlag}=`)) path = arg.slice(configFlag.length + 1);
    else if (arg === configFlag && index + 1 < args.length) {
      index += 1;
      path = args[index];
    } else rest.push(arg);
  }
  return { path, args: rest };
}

async function loadFile(path: string): Promise<Result<unknown, string>> {
  try {
    const text = await readFile(path, 'utf8');
    // Loaded only when there is a file: the YAML parser costs an idle agent memory.
    const { parse } = await import('yaml');
    return ok(parse(text));
  } catch (error) {
    return err(`file ${path} cannot be read: ${describeError(error)}`);
  }
}
