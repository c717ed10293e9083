import type { Json } from '@flotilla/shared/base';
import { err, ok, type Result } from '@flotilla/shared/base';

/** Why a stored record cannot be used: a newer program wrote it, or it is damaged. Both are refused, neither is rewritten. */
export interface RecordProblem {
  readonly kind: 'too-new' | 'damaged';
  readonly text: string;
}

/** Reads the fields of one stored record; notes the first one that is not what it should be. */
export interface RecordFields {
  text(name: string): string;
  optionalText(name: string): string | undefined;
  integer(name: string): number;
  flag(name: string): boolean;
  list(name: string): readonly RecordFields[];
  optional(name: string): RecordFields | undefined;
  texts(name: string): { readonly [key: string]: string };
  /** A text that must pass a parser; '' stands in when it does not. */
  parsed<T extends string>(name: string, parse: (text: string) => Result<T, string>): T;
}

/**
 * Reads a record of a known format. `what` names it for messages; `read` takes the fields; what it returns counts only
 * when every field was right.
 */
export function readRecord<T>(
  value: unknown,
  { what, format }: { readonly what: string; readonly format: number },
  read: (fields: RecordFields) => T,
): Result<T, RecordProblem> {
  if (!isObject(value)) return err({ kind: 'damaged', text: `${what} is not an object` });
  const stored = value['format'];
  if (typeof stored === 'number' && stored > format) {
    return err({ kind: 'too-new', text: `${what} has format ${stored}, this hub knows up to ${format}` });
  }
  if (stored !== format) return err({ kind: 'damaged', text: `${what} has no format that this hub knows` });
  const problems: string[] = [];
  const result = read(fieldsOf(value, '', problems));
  const [first] = problems;
  return first === undefined ? ok(result) : err({ kind: 'damaged', text: `${what}: ${first}` });
}

function fieldsOf(
  value: { readonly [key: string]: unknown },
  path: string,
  problems: string[],
): RecordFields {
  const note = (name: string, expected: string): void => {
    problems.push(`${path}${name} is not ${expected}`);
  };
  const fields: RecordFields = {
    text(name) {
      const found = value[name];
      if (typeof found === 'string') return found;
      note(name, 'a text');
      return '';
    },
    optionalText: (name) => (value[name] === undefined ? undefined : fields.text(name)),
    integer(name) {
      const found = value[name];
      if (typeof found === 'number' && Number.isSafeInteger(found)) return found;
      note(name, 'a whole number');
      return 0;
    },
    flag(name) {
      const found = value[name];
      if (typeof found === 'boolean') return found;
      note(name, 'true or false');
      return false;
    },
    list(name) {
      const found = value[name];
      if (!Array.isArray(found) || !found.every(isObject)) {
        note(name, 'a list of objects');
        return [];
      }
      return found.map((item, index) => fieldsOf(item, `${path}${name}[${index}].`, problems));
    },
    optional(name) {
      const found = value[name];
      if (found === undefined) return undefined;
      if (isObject(found)) return fieldsOf(found, `${path}${name}.`, problems);
      note(name, 'an object');
      return undefined;
    },
    texts(name) {
      const found = value[name];
      if (isObject(found) && Object.values(found).every((item) => typeof item === 'string')) {
        return Object.fromEntries(Object.entries(found).map(([key, item]) => [key, String(item)]));
      }
      note(name, 'a map of texts');
      return {};
    },
    parsed(name, parse) {
      const found = parse(fields.text(name));
      if (found.ok) return found.value;
      problems.push(`${path}${name}: ${found.error}`);
      // Never seen by a caller: a record with a problem is not returned.
      return '' as never;
    },
  };
  return fields;
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Leaves out what is undefined, as stored records do. */
export function recordOf(fields: { readonly [key: string]: Json | undefined }): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
