import type { FieldProblem } from '../refusal.ts';
import type { Value, ValueObject } from '../values.ts';
import { isEqual, isList, isObject, listAt, numberAt, objectAt, textAt } from '../values.ts';

/**
 * Checks a custom resource against its schema: required fields, types, enums, bounds and patterns. Not checked: formats,
 * combinations (allOf, anyOf, oneOf, not), uniqueness, and rules in CEL.
 */
export function validateAgainstSchema(value: Value, schema: ValueObject, path = ''): readonly FieldProblem[] {
  if (value === null) return [];
  const mismatch = typeProblems(value, schema, path);
  if (mismatch.length > 0) return mismatch;
  return [...scalarProblems(value, schema, path), ...childProblems(value, schema, path)];
}

function childProblems(value: Value, schema: ValueObject, path: string): readonly FieldProblem[] {
  if (isList(value))
    return value.flatMap((item, index) =>
      validateAgainstSchema(item, objectAt(schema, 'items'), `${path}[${index}]`),
    );
  if (!isObject(value)) return [];
  const missing = listAt(schema, 'required')
    .map(String)
    .filter((name) => value[name] === undefined)
    .map((name): FieldProblem => ({ type: 'Required', field: join(path, name), detail: '' }));
  const properties = objectAt(schema, 'properties');
  const below = Object.entries(value).flatMap(([name, item]) => {
    const property = properties[name] ?? schema['additionalProperties'];
    return isObject(property) ? validateAgainstSchema(item, property, join(path, name)) : [];
  });
  return [...missing, ...below];
}

function typeProblems(value: Value, schema: ValueObject, path: string): readonly FieldProblem[] {
  const wanted = textAt(schema, 'type');
  if (wanted === '' || matchesType(value, wanted)) return [];
  const found = jsonTypeOf(value);
  const mismatch: FieldProblem = {
    type: 'TypeInvalid',
    field: path,
    value: found,
    detail: `${path} in body must be of type ${wanted}: "${found}"`,
  };
  if (wanted !== 'integer' || found !== 'number') return [mismatch];
  // The API server reports a fraction twice, the second time without a field.
  const detail = `Checked value must be of type integer (default format) in ${path}`;
  return [mismatch, { type: 'Invalid', field: '<nil>', value: '', detail }];
}

function scalarProblems(value: Value, schema: ValueObject, path: string): readonly FieldProblem[] {
  const options = listAt(schema, 'enum');
  if (options.length > 0 && !options.some((option) => isEqual(option, value)))
    return [
      {
        type: 'NotSupported',
        field: path,
        value,
        detail: `supported values: ${options.map((option) => JSON.stringify(option)).join(', ')}`,
      },
    ];
  if (typeof value === 'number') return boundProblems(value, schema, path);
  return typeof value === 'string' ? textProblems(value, schema, path) : [];
}

function boundProblems(value: number, schema: ValueObject, path: string): readonly FieldProblem[] {
  const minimum = numberAt(schema, 'minimum');
  const maximum = numberAt(schema, 'maximum');
  if (minimum !== undefined && value < minimum)
    return [problem(path, value, `should be greater than or equal to ${minimum}`)];
  if (maximum !== undefined && value > maximum)
    return [problem(path, value, `should be less than or equal to ${maximum}`)];
  return [];
}

function textProblems(value: string, schema: ValueObject, path: string): readonly FieldProblem[] {
  const pattern = textAt(schema, 'pattern');
  const minimum = numberAt(schema, 'minLength');
  if (minimum !== undefined && value.length < minimum)
    return [problem(path, value, `should be at least ${minimum} chars long`)];
  if (pattern !== '' && !new RegExp(pattern, 'u').test(value))
    return [problem(path, value, `should match '${pattern}'`)];
  return [];
}

function problem(path: string, value: Value, text: string): FieldProblem {
  return { type: 'Invalid', field: path, value, detail: `${path} in body ${text}` };
}

function matchesType(value: Value, wanted: string): boolean {
  if (wanted === 'number') return typeof value === 'number';
  return jsonTypeOf(value) === wanted;
}

function jsonTypeOf(value: Value): string {
  if (isList(value)) return 'array';
  if (isObject(value)) return 'object';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
