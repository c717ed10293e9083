import type { ListType, ScalarName, SchemaType } from '../schema/index.ts';
import { typeOfField } from '../schema/index.ts';
import type { Value } from '../values.ts';
import { isList, isObject } from '../values.ts';
import { fieldElement, listElement } from './elements.ts';
import { formatElement } from './field-set.ts';

/** Everything in an applied value that its schema does not allow, worded as the server does. */
export function checkAgainstSchema(value: Value, type: SchemaType, path = ''): readonly string[] {
  if (value === null) return [];
  switch (type.kind) {
    case 'untyped':
      return [];
    case 'scalar':
      return checkScalar(value, type.scalar).map((text) => `${path}: ${text}`);
    case 'struct':
    case 'map':
      return checkObject(value, type, path);
    case 'list':
      return checkList(value, type, path);
  }
}

/** Fields of a value that its schema does not know: `spec.containers[0].x`. */
export function unknownFields(value: Value, type: SchemaType, path = ''): readonly string[] {
  if (isList(value)) {
    const item = type.kind === 'list' ? type.item : undefined;
    if (item === undefined) return [];
    return value.flatMap((one, index) => unknownFields(one, item, `${path}[${index}]`));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const here = path === '' ? key : `${path}.${key}`;
    const below = typeOfField(type, key);
    const isLeaf = type.kind === 'scalar' || type.kind === 'list';
    if (below === undefined) return isLeaf ? [] : [here];
    return unknownFields(item, below, here);
  });
}

/** Joins the problems as the server does: one alone, several under a heading. */
export function joinProblems(problems: readonly string[]): string {
  if (problems.length === 1) return problems[0] ?? '';
  return ['errors:', ...problems.map((problem) => `  ${problem}`)].join('\n');
}

function checkObject(value: Value, type: SchemaType, path: string): readonly string[] {
  if (!isObject(value)) return [`${path}: expected map, got ${describe(value)}`];
  const problems: string[] = [];
  for (const [key, item] of Object.entries(value)) {
    const here = `${path}${formatElement(fieldElement(key))}`;
    const below = typeOfField(type, key);
    if (below === undefined) {
      // The server stops at the first unknown field of an object.
      problems.push(`${here}: field not declared in schema`);
      break;
    }
    problems.push(...checkAgainstSchema(item, below, here));
  }
  return problems;
}

function checkList(value: Value, list: ListType, path: string): readonly string[] {
  if (!isList(value)) return [`${path}: expected list, got ${describe(value)}`];
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    const element = list.relation === 'atomic' ? `i:${index}` : listElement(list, item);
    if (typeof element !== 'string') return [...problems, `${path}: element ${index}: ${element.problem}`];
    if (seen.has(element)) problems.push(`${path}: duplicate entries for key ${formatElement(element)}`);
    seen.add(element);
    problems.push(...checkAgainstSchema(item, list.item, `${path}${formatElement(element)}`));
  }
  return problems;
}

function checkScalar(value: Value, scalar: ScalarName): readonly string[] {
  const isText = typeof value === 'string';
  const isNumber = typeof value === 'number';
  switch (scalar) {
    case 'integer':
    case 'number':
      return isNumber ? [] : [`expected numeric (int or float), got ${goType(value)}`];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`expected boolean, got ${describe(value)}`];
    case 'string':
    case 'time':
      return isText ? [] : [`expected string, got ${describeValue(value)}`];
    case 'any':
    case 'quantity':
      return isText || isNumber || typeof value === 'boolean'
        ? []
        : [`expected any scalar, got ${describe(value)}`];
  }
}

/** The Go type that the server names. */
function goType(value: Value): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  return isList(value) ? '[]interface {}' : 'map[string]interface {}';
}

/** How the server prints a value it did not expect (Go's %v of its wrapper). */
function describe(value: Value): string {
  return `&{${goValue(value)}}`;
}

function describeValue(value: Value): string {
  return `&value.valueUnstructured{Value:${JSON.stringify(value)}}`;
}

function goValue(value: Value): string {
  if (isList(value)) return `[${value.map(goValue).join(' ')}]`;
  if (isObject(value))
    return `map[${Object.entries(value)
      .map(([key, item]) => `${key}:${goValue(item)}`)
      .join(' ')}]`;
  return String(value);
}
