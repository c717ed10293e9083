import type { FieldSet } from '../fields/index.ts';
import { fieldElement, fieldSet } from '../fields/index.ts';
import type { Kind } from '../kinds/index.ts';
import type { Managers } from '../managed/managed-fields.ts';
import { encodeManagers } from '../managed/managed-fields.ts';
import { normalise } from '../normalise.ts';
import type { Value, ValueObject } from '../values.ts';
import { valueAt, withValue } from '../values.ts';
import type { WriteOptions } from './options.ts';

/** Defaults and the server's way of writing. */
export function shaped(kind: Kind, object: ValueObject): ValueObject {
  const defaulted = kind.defaults === undefined ? object : kind.defaults(object);
  return normalise(defaulted, kind.type);
}

/** The main resource does not write the status, and the status subresource writes nothing else but annotations. */
export function withoutForeignParts(
  kind: Kind,
  given: ValueObject,
  live: ValueObject,
  subresource: string,
): ValueObject {
  if (!kind.hasStatus) return given;
  if (subresource !== 'status') return withValue(given, ['status'], live['status']);
  const annotations = valueAt(given, 'metadata', 'annotations');
  return {
    ...withValue(live, ['metadata', 'annotations'], annotations),
    ...(given['status'] === undefined ? {} : { status: given['status'] }),
  };
}

/** Fields that a kind of request neither writes nor owns. */
export function ignoredBy(kind: Kind, subresource: WriteOptions['subresource']): (set: FieldSet) => FieldSet {
  if (!kind.hasStatus) return (set) => set;
  const status = fieldElement('status');
  if (subresource !== 'status') return (set) => onlyChildren(set, (name) => name !== status);
  return (set) => onlyChildren(set, (name) => name === status || name === fieldElement('metadata'));
}

function onlyChildren(set: FieldSet, isKept: (name: string) => boolean): FieldSet {
  return fieldSet(set.isMember, new Map([...set.children].filter(([name]) => isKept(name))));
}

/** The object with some fields of its metadata replaced; undefined and '' take a field away. */
export function withMetadata(
  object: ValueObject,
  fields: Readonly<Record<string, Value | undefined>>,
): ValueObject {
  return Object.entries(fields).reduce(
    (current, [field, value]) => withValue(current, ['metadata', field], value === '' ? undefined : value),
    object,
  );
}

/** `managedFields` of managers; undefined when nobody owns anything. */
export function encodedOrNone(managers: Managers): Value | undefined {
  const encoded = encodeManagers(managers);
  return encoded.length === 0 ? undefined : encoded;
}
