import type { Value, ValueObject } from '../values.ts';
import { isObject, listAt, objectAt, objectsAt, textAt } from '../values.ts';
import type { SchemaType, StructField, StructType } from './types.ts';
import { untyped } from './types.ts';

/** The type of a custom resource, from the structural schema of one version of its definition. */
export function typeFromSchema(name: string, schema: ValueObject, metadata: SchemaType): StructType {
  const text: StructField = { type: { kind: 'scalar', scalar: 'string' }, presence: 'as-given' };
  const fields = new Map(fieldsFrom(schema));
  fields.set('apiVersion', text);
  fields.set('kind', text);
  fields.set('metadata', { type: metadata, presence: 'always' });
  return { kind: 'struct', name, isAtomic: false, isOpen: isOpen(schema), fields };
}

/** Fills in the `default`s of a schema where their parent is there. */
export function defaultFromSchema(value: Value, schema: ValueObject): Value {
  if (Array.isArray(value)) {
    const items = objectAt(schema, 'items');
    return value.map((item: Value) => defaultFromSchema(item, items));
  }
  if (!isObject(value)) return value;
  const filled: Record<string, Value> = { ...value };
  const additional = objectAt(schema, 'additionalProperties');
  for (const [key, item] of Object.entries(value))
    filled[key] = defaultFromSchema(
      item,
      objectAt(schema, 'properties')[key] === undefined ? additional : objectAt(schema, 'properties', key),
    );
  for (const [key, property] of Object.entries(objectAt(schema, 'properties'))) {
    if (!isObject(property) || property['default'] === undefined || filled[key] !== undefined) continue;
    filled[key] = defaultFromSchema(property['default'], property);
  }
  return filled;
}

function fieldsFrom(schema: ValueObject): readonly [string, StructField][] {
  return Object.entries(objectAt(schema, 'properties')).map(([name, property]) => [
    name,
    { type: typeFrom(isObject(property) ? property : {}), presence: 'as-given' },
  ]);
}

function typeFrom(schema: ValueObject): SchemaType {
  if (schema['x-kubernetes-int-or-string'] === true) return { kind: 'scalar', scalar: 'any' };
  switch (textAt(schema, 'type')) {
    case 'object':
      return objectType(schema);
    case 'array':
      return listType(schema);
    case 'integer':
      return { kind: 'scalar', scalar: 'integer' };
    case 'number':
      return { kind: 'scalar', scalar: 'number' };
    case 'boolean':
      return { kind: 'scalar', scalar: 'boolean' };
    case 'string':
      return { kind: 'scalar', scalar: 'string' };
    default:
      return untyped;
  }
}

function objectType(schema: ValueObject): SchemaType {
  const isAtomic = schema['x-kubernetes-map-type'] === 'atomic';
  const additional = schema['additionalProperties'];
  if (isObject(additional)) return { kind: 'map', isAtomic, item: typeFrom(additional) };
  const fields = new Map(fieldsFrom(schema));
  if (fields.size === 0 && isOpen(schema) && !isAtomic) return untyped;
  return { kind: 'struct', name: '', isAtomic, isOpen: isOpen(schema), fields };
}

function listType(schema: ValueObject): SchemaType {
  const items = objectAt(schema, 'items');
  const item = typeFrom(items);
  const relation = textAt(schema, 'x-kubernetes-list-type');
  if (relation === 'set') return { kind: 'list', relation: 'set', keys: [], item };
  if (relation !== 'map') return { kind: 'list', relation: 'atomic', keys: [], item };
  const keys = listAt(schema, 'x-kubernetes-list-map-keys').map((key) => {
    const name = String(key);
    return { name, standard: textAt(items, 'properties', name, 'default') || undefined };
  });
  return { kind: 'list', relation: 'map', keys, item };
}

function isOpen(schema: ValueObject): boolean {
  return (
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema['x-kubernetes-embedded-resource'] === true
  );
}

/** The versions of a definition that are served, with their schemas. */
export function servedVersions(
  definition: ValueObject,
): readonly { readonly name: string; readonly schema: ValueObject; readonly hasStatus: boolean }[] {
  return objectsAt(definition, 'spec', 'versions')
    .filter((version) => version['served'] === true)
    .map((version) => ({
      name: textAt(version, 'name'),
      schema: objectAt(version, 'schema', 'openAPIV3Schema'),
      hasStatus: isObject(objectAt(version, 'subresources')['status']),
    }));
}
