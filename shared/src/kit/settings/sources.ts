import { environmentName, flagName, type SettingsTable, settingName } from './setting.ts';
import { closestName } from './suggest.ts';

/** The environment of a process, or a stand-in for it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting's text and where it was written, for messages. */
export interface Given {
  readonly text: string;
  readonly from: string;
}

/** What one source says: values by key of the table, mistakes, and remarks that stop nothing. */
export interface SourceReading {
  readonly values: ReadonlyMap<string, Given>;
  readonly mistakes: readonly string[];
  readonly remarks: readonly string[];
}

/** The environment of this process. Called in config.ts of a program and nowhere else. */
export function readEnvironment(): Environment {
  return { ...process.env };
}

const prefix = 'FLOTILLA_';
const ownPart = (name: string): string => name.slice(prefix.length);

/** Read by the launcher of the built programs, before any of this runs. */
const nodeVariable = 'FLOTILLA_NODE';

/**
 * Settings from FLOTILLA_ variables. An unknown one is only remarked upon, and only when it is near a known name:
 * Kubernetes itself sets variables such as FLOTILLA_HUB_PORT for a Service of that name.
 */
export function fromEnvironment(table: SettingsTable, env: Environment): SourceReading {
  const values = new Map<string, Given>();
  const remarks: string[] = [];
  const names = new Map(Object.keys(table).map((key) => [environmentName(key), key]));
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(prefix) || name === nodeVariable || text === undefined || text === '') continue;
    const key = names.get(name);
    if (key !== undefined) values.set(key, { text, from: `environment variable ${name}` });
    else {
      // Without the prefix: that they all have in common makes none of them near.
      const meant = closestName(ownPart(name), names.keys().map(ownPart));
      if (meant !== undefined)
        remarks.push(`environment variable ${name} is not known; did you mean ${prefix}${meant}?`);
    }
  }
  return { values, mistakes: [], remarks };
}

/** Settings from variables that other programs read too, in the order in which the table names them. */
export function fromStandardVariables(table: SettingsTable, env: Environment): ReadonlyMap<string, Given> {
  const values = new Map<string, Given>();
  for (const [key, { standardVariables }] of Object.entries(table)) {
    const name = standardVariables.find((one) => (env[one] ?? '') !== '');
    const text = name === undefined ? undefined : env[name];
    if (text !== undefined) values.set(key, { text, from: `environment variable ${name}` });
  }
  return values;
}

/** Settings from flags: `--name value`, `--name=value`, `--switch`, `--no-switch`; lists may be repeated. */
export function fromFlags(table: SettingsTable, args: readonly string[]): SourceReading {
  const values = new Map<string, Given>();
  const mistakes: string[] = [];
  const names = new Map(Object.keys(table).map((key) => [flagName(key), key]));
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    const [flag = '', ...rest] = arg.split('=');
    const negated = names.get(flag.replace(/^--no-/, '--'));
    const key = names.get(flag);
    const from = `flag ${flag}`;
    if (key === undefined && negated !== undefined && isSwitch(table, negated) && rest.length === 0) {
      values.set(negated, { text: 'false', from });
    } else if (key === undefined) {
      mistakes.push(unknownArgument(arg, flag, names.keys()));
    } else if (rest.length > 0) {
      addFlag(values, table, key, { text: rest.join('='), from });
    } else if (isSwitch(table, key)) {
      values.set(key, { text: 'true', from });
    } else if (index + 1 < args.length) {
      index += 1;
      addFlag(values, table, key, { text: args[index] ?? '', from });
    } else {
      mistakes.push(`flag ${flag} needs a value (${table[key]?.placeholder})`);
    }
  }
  return { values, mistakes, remarks: [] };
}

/** Settings from a parsed configuration file: an object whose keys are setting names. */
export function fromFile(table: SettingsTable, content: unknown, path: string): SourceReading {
  const values = new Map<string, Given>();
  const mistakes: string[] = [];
  if (content === null || content === undefined) return { values, mistakes, remarks: [] };
  if (typeof content !== 'object' || Array.isArray(content)) {
    return { values, mistakes: [`file ${path} is not a list of "name: value" lines`], remarks: [] };
  }
  const names = new Map(Object.keys(table).map((key) => [settingName(key), key]));
  for (const [name, value] of Object.entries(content)) {
    const key = names.get(name);
    const from = `file ${path}`;
    const text = textOf(value, key !== undefined && table[key]?.isList === true);
    if (key === undefined) {
      const meant = closestName(name, names.keys());
      mistakes.push(
        `${from}: setting ${name} is not known${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      );
    } else if (text === undefined) mistakes.push(`${from}: setting ${name} must be a plain value`);
    else values.set(key, { text, from });
  }
  return { values, mistakes, remarks: [] };
}

function isSwitch(table: SettingsTable, key: string): boolean {
  return table[key]?.placeholder === '';
}

function addFlag(values: Map<string, Given>, table: SettingsTable, key: string, given: Given): void {
  const before = values.get(key);
  const isMore = table[key]?.isList === true && before !== undefined;
  values.set(key, isMore ? { ...given, text: `${before.text},${given.text}` } : given);
}

function unknownArgument(arg: string, flag: string, known: Iterable<string>): string {
  if (!arg.startsWith('-')) return `argument ${JSON.stringify(arg)} is not expected here`;
  const meant = closestName(flag, known);
  return `flag ${flag} is not known${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

function textOf(value: unknown, isList: boolean): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (!isList || !Array.isArray(value)) return undefined;
  const texts = value.map((item) => textOf(item, false));
  return texts.includes(undefined) ? undefined : texts.join(',');
}
