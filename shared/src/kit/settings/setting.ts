import type { Result } from '../../base/index.ts';

/** Reads a setting's text; the error is a clause that follows the setting's name, such as `is not a number`. */
export type SettingParser<Value> = (text: string) => Result<Value, string>;

/** One setting of a program. */
export interface Setting<Value> {
  readonly parse: SettingParser<Value>;
  /** What stands after the flag in `--help`: `HOST:PORT`, `DURATION`; '' for a switch. */
  readonly placeholder: string;
  /** Default as text, parsed like any other; undefined = must be given unless `isOptional`. */
  readonly fallback: string | undefined;
  /** May be left out without a default. */
  readonly isOptional: boolean;
  /** One sentence for `--help` and the manual. */
  readonly doc: string;
  /** Variables with a meaning of their own everywhere, as HTTPS_PROXY: they count when nothing of ours says otherwise. */
  readonly standardVariables: readonly string[];
  /** May be given several times (flags), as a list (file) or separated by commas. */
  readonly isList: boolean;
}

/** All settings of a program. Keys are camelCase; their names are the same words joined by `-`. */
export interface SettingsTable {
  readonly [key: string]: Setting<unknown>;
}

/** What a table reads to. */
export type SettingsValues<Table extends SettingsTable> = {
  readonly [Key in keyof Table]: Table[Key] extends Setting<infer Value> ? Value : never;
};

/** What `setting` takes beside the parser. */
export interface SettingDetails {
  readonly doc: string;
  readonly fallback?: string;
  readonly standardVariables?: readonly string[];
}

/** A kind of value: how it is read and what its placeholder is. */
export interface ValueKind<Value> {
  readonly parse: SettingParser<Value>;
  readonly placeholder: string;
  readonly isList?: boolean;
}

/** A setting with a default, or one that must be given. */
export function setting<Value>(kind: ValueKind<Value>, details: SettingDetails): Setting<Value> {
  return {
    parse: kind.parse,
    placeholder: kind.placeholder,
    fallback: details.fallback,
    isOptional: false,
    doc: details.doc,
    standardVariables: details.standardVariables ?? [],
    isList: kind.isList === true,
  };
}

/** A setting that may be left out; its value is then undefined. */
setting.optional = function optional<Value>(
  kind: ValueKind<Value>,
  details: Omit<SettingDetails, 'fallback'>,
): Setting<Value | undefined> {
  return { ...setting<Value | undefined>(kind, details), isOptional: true };
};

/** The documented name of a setting, and its key in the file: `pollIntervalMs` is `poll-interval`: the unit is written in the value. */
export function settingName(key: string): string {
  return key.replace(/(Ms|Bytes)$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Its environment variable. */
export function environmentName(key: string): string {
  return `FLOTILLA_${settingName(key).toUpperCase().replaceAll('-', '_')}`;
}

/** Its flag. */
export function flagName(key: string): string {
  return `--${settingName(key)}`;
}
