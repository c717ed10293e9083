/** Leaves of a schema. `any` is a number or text (a port), `quantity` and `time` are texts with a zero of their own. */
export type ScalarName = 'string' | 'integer' | 'number' | 'boolean' | 'any' | 'quantity' | 'time';

/**
 * How a value is shaped and merged, in the words of structured-merge-diff (the library behind server-side apply):
 * `isAtomic` structures and lists have one owner as a whole; others are merged field by field, list items by their keys.
 */
export type SchemaType = ScalarType | UntypedType | StructType | MapType | ListType;

/** A leaf. */
export interface ScalarType {
  readonly kind: 'scalar';
  readonly scalar: ScalarName;
}

/** Anything: objects merge by key, lists are atomic. */
export interface UntypedType {
  readonly kind: 'untyped';
}

/** An object with known fields. */
export interface StructType {
  readonly kind: 'struct';
  readonly name: string;
  readonly isAtomic: boolean;
  readonly fields: ReadonlyMap<string, StructField>;
  /** Fields beyond the known ones are allowed (custom resources with x-kubernetes-preserve-unknown-fields). */
  readonly isOpen: boolean;
}

/** One known field. `presence` says how the server writes it back: as given, not at all when empty, or always. */
export interface StructField {
  readonly type: SchemaType;
  readonly presence: 'as-given' | 'drop-empty' | 'always';
}

/** An object with free keys. */
export interface MapType {
  readonly kind: 'map';
  readonly isAtomic: boolean;
  readonly item: SchemaType;
}

/** A list: atomic, a set of scalars, or a map of objects by key fields. */
export interface ListType {
  readonly kind: 'list';
  readonly relation: 'atomic' | 'set' | 'map';
  readonly keys: readonly ListKey[];
  readonly item: SchemaType;
}

/** A key field of a list that is a map; an item without it counts as having `standard`. */
export interface ListKey {
  readonly name: string;
  readonly standard: string | undefined;
}

/** The type of untyped values. */
export const untyped: UntypedType = { kind: 'untyped' };

/** The type of one field of an object type; undefined when the schema does not allow the field. */
export function typeOfField(type: SchemaType, field: string): SchemaType | undefined {
  if (type.kind === 'untyped') return untyped;
  if (type.kind === 'map') return type.item;
  if (type.kind !== 'struct') return undefined;
  return type.fields.get(field)?.type ?? (type.isOpen ? untyped : undefined);
}

/** True when a field has a name of its own in the schema, unlike a key of a map. */
export function isNamedField(type: SchemaType, field: string): boolean {
  return type.kind === 'struct' && type.fields.has(field);
}
