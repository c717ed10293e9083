import type { LocatedError } from '../located-error.ts';
import { didYouMean, nearest } from '../nearest.ts';
import type { YamlDocument, YamlPath } from '../yaml.ts';
import { knownFields, pathsEndingIn } from './known-fields.ts';
import type { z } from './zod.ts';

/** Turns what the schema says of a document into errors that name line, column and what to do. */
export function locateIssues(
  document: YamlDocument,
  schema: z.core.$ZodType,
  issues: readonly z.core.$ZodIssue[],
): readonly LocatedError[] {
  const mistyped = new Set(issues.flatMap((issue) => meantFields(schema, issue)));
  return issues
    .filter((issue) => {
      const path = pathOf(issue);
      return !mistyped.has(formatPath(path)) || valueAt(document.value, path) !== undefined;
    })
    .flatMap((issue) => locateIssue(document, schema, issue));
}

/** Fields that unknown ones were most likely meant to be; that they are missing as well need not be said. */
function meantFields(schema: z.core.$ZodType, issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code !== 'unrecognized_keys') return [];
  const path = pathOf(issue);
  const known = knownFields(schema, path);
  return issue.keys.flatMap((key) => {
    const meant = nearest(key, known);
    return meant === undefined ? [] : [formatPath([...path, meant])];
  });
}

function pathOf(issue: z.core.$ZodIssue): YamlPath {
  return issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
}

function locateIssue(
  document: YamlDocument,
  schema: z.core.$ZodType,
  issue: z.core.$ZodIssue,
): readonly LocatedError[] {
  const path = pathOf(issue);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownField(document, schema, path, key));
  }
  const field = formatPath(path);
  const found = valueAt(document.value, path);
  if (found === undefined && issue.code === 'invalid_type') {
    const at = document.locate(path.slice(0, -1));
    return [{ ...at, code: 'MISSING_FIELD', text: `${field} is required${inMapping(path)}` }];
  }
  const at = issue.code === 'invalid_key' ? keyPlace(document, path) : document.locate(path);
  if (issue.code === 'invalid_type' || issue.code === 'invalid_union') {
    return [{ ...at, code: 'WRONG_TYPE', text: `${field} ${wrongType(issue, found)}` }];
  }
  return [{ ...at, code: 'BAD_VALUE', text: badValue(field, issue, found) }];
}

function unknownField(
  document: YamlDocument,
  schema: z.core.$ZodType,
  path: YamlPath,
  key: string,
): LocatedError {
  const known = knownFields(schema, path);
  const near = didYouMean(key, known);
  const elsewhere = near === '' ? pathsEndingIn(schema, key)[0] : undefined;
  const where = path.length === 0 ? 'at the top' : `in ${formatPath(path)}`;
  const hint = elsewhere === undefined ? near : `; did you mean ${elsewhere}?`;
  const list = hint === '' && known.length > 0 ? `; known here: ${[...known].sort().join(', ')}` : hint;
  return {
    ...document.locateKey(path, key),
    code: 'UNKNOWN_FIELD',
    text: `unknown field ${JSON.stringify(key)} ${where}${list}`,
  };
}

function keyPlace(document: YamlDocument, path: YamlPath) {
  return document.locateKey(path.slice(0, -1), String(path.at(-1)));
}

function inMapping(path: YamlPath): string {
  return path.length <= 1 ? '' : ` in ${formatPath(path.slice(0, -1))}`;
}

function wrongType(issue: z.core.$ZodIssue, found: unknown): string {
  if (issue.code === 'invalid_union') return `${issue.message}, found ${describe(found)}`;
  const expected = issue.code === 'invalid_type' ? issue.expected : 'another type';
  const quote = expected === 'string' && isPlainScalar(found) ? '; put it in quotes' : '';
  return `must be ${typeWords[expected] ?? expected}, found ${describe(found)}${quote}`;
}

const typeWords: { readonly [type: string]: string } = {
  string: 'a text',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
};

function badValue(field: string, issue: z.core.$ZodIssue, found: unknown): string {
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String);
    const near = typeof found === 'string' ? didYouMean(found, allowed) : '';
    return `${field} must be ${oneOf(allowed)}, found ${describe(found)}${near}`;
  }
  if (issue.code === 'invalid_key') return `${field}: ${issue.issues[0]?.message ?? 'not an allowed key'}`;
  return `${field}: ${issue.message.slice(0, 1).toLowerCase()}${issue.message.slice(1)}`;
}

function oneOf(allowed: readonly string[]): string {
  return allowed.length === 1 ? JSON.stringify(allowed[0]) : `one of ${allowed.join(', ')}`;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  return `the ${typeof value} ${String(value)}`;
}

function isPlainScalar(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function valueAt(value: unknown, path: YamlPath): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    // Documents are plain data; a step that is not there gives undefined.
    current = (current as { readonly [key: string | number]: unknown })[step];
  }
  return current;
}

/** `spec.overrides[0].values`. */
export function formatPath(path: YamlPath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}
