import type { ScalarName, SchemaType, StructField, StructType } from './schema/index.ts';
import type { Value, ValueObject } from './values.ts';
import { isList, isObject } from './values.ts';

/**
 * Writes an object as the server's Go types would: empty values of fields that say so are left out, structures that are
 * no pointers are always there, null where Go keeps a nil. Idempotent.
 */
export function normalise(value: ValueObject, type: StructType): ValueObject {
  const written: Record<string, Value> = {};
  for (const [key, item] of Object.entries(value)) {
    const field = type.fields.get(key);
    if (field === undefined) {
      if (type.isOpen) written[key] = item;
      continue;
    }
    const kept = normaliseField(item, field);
    if (kept !== undefined) written[key] = kept;
  }
  for (const [key, field] of type.fields)
    if (field.presence === 'always' && written[key] === undefined) written[key] = zeroOf(field.type);
  return written;
}

function normaliseField(value: Value, field: StructField): Value | undefined {
  if (value === null) return field.presence === 'always' ? zeroOf(field.type) : undefined;
  const inner = normaliseValue(value, field.type);
  if (field.presence === 'always' && isList(inner) && inner.length === 0) return null;
  return field.presence === 'drop-empty' && isZero(inner) ? undefined : inner;
}

function normaliseValue(value: Value, type: SchemaType): Value {
  if (type.kind === 'struct' && isObject(value)) return normalise(value, type);
  if (type.kind === 'list' && isList(value)) return value.map((item) => normaliseValue(item, type.item));
  if (type.kind === 'map' && isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        item === null ? zeroOf(type.item) : normaliseValue(item, type.item),
      ]),
    );
  if (type.kind === 'scalar' && type.scalar === 'quantity' && typeof value === 'number') return String(value);
  return value;
}

function isZero(value: Value): boolean {
  if (value === '' || value === 0 || value === false) return true;
  if (isList(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

function zeroOf(type: SchemaType): Value {
  if (type.kind === 'struct') return normalise({}, type);
  return type.kind === 'scalar' ? zeros[type.scalar] : null;
}

const zeros: Readonly<Record<ScalarName, Value>> = {
  string: '',
  integer: 0,
  number: 0,
  boolean: false,
  any: 0,
  quantity: '0',
  time: null,
};
